"""The commands besides checking, each a module that is imported when it is used."""

-- What scripts/editor_picture.py takes a picture of: a file is opened, and its fix is chosen when F2 is pressed.
vim.o.termguicolors = false
vim.o.laststatus = 0
vim.o.ruler = false
vim.o.showcmd = false
vim.o.signcolumn = "no"
vim.cmd("syntax on")
for group, style in pairs({
  Normal = {}, NonText = {}, EndOfBuffer = {}, Title = {}, Question = {},
  DiagnosticVirtualTextError = { ctermfg = 1 },
  DiagnosticUnderlineError = { ctermfg = 1 },
  Include = { ctermfg = 4 }, pythonInclude = { ctermfg = 4 }, String = { ctermfg = 2 }, pythonString = { ctermfg = 2 },
  pythonQuotes = { ctermfg = 2 },
}) do
  vim.api.nvim_set_hl(0, group, style)
end
vim.fn.matchadd("NonText", "^\\~")
local client = vim.lsp.start_client({
  name = "titan-lint",
  cmd = { vim.env.PYTHON, "-m", "titan_lint", "server" },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(0, client)
vim.keymap.set("n", "<F2>", function()
  vim.api.nvim_win_set_cursor(0, { 3, 25 })
  vim.lsp.buf.code_action()
end)

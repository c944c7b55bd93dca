-- Open, type, diagnose, break and mend, hover, fix, fix all, and a second root with another pin.
-- What is seen is written to $TOLD; test_neovim.py judges it.
local env, told = vim.env, {}
local folder = env.FOLDER

local function diagnostics(buffer)
  local found = {}
  for _, d in ipairs(vim.diagnostic.get(buffer)) do
    local lsp = d.user_data and d.user_data.lsp or {}
    table.insert(found, { code = d.code or lsp.code or "", line = d.lnum, column = d.col, source = d.source })
  end
  return found
end

local function text(buffer)
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end

local function see(name, condition, what)
  if not vim.wait(20000, condition, 10) then
    error("waited in vain: " .. name)
  end
  told[name] = what()
end

local function first(buffer, condition)
  return function()
    local found = diagnostics(buffer)
    return #found > 0 and condition(found[1])
  end
end

local function open(path)
  vim.cmd("edit " .. path)
  return vim.api.nvim_get_current_buf()
end

local function choose(wanted)
  vim.ui.select = function(items, _, take)
    for index, item in ipairs(items) do
      local action = item.action or item[2]
      if action.title:find(wanted, 1, true) then
        return take(item, index)
      end
    end
  end
end

local function session()
  local client = vim.lsp.start_client({
    name = "titan-lint",
    cmd = { env.PYTHON, "-m", "titan_lint", "server" },
    root_dir = folder,
  })
  local buffer = open(folder .. "/new/engine.py")
  vim.lsp.buf_attach_client(buffer, client)
  local function seen()
    return diagnostics(buffer)
  end
  local function is_whole(column)
    return first(buffer, function(d)
      return d.code == "TTN105" and d.column == column
    end)
  end
  see("opened", is_whole(22), seen)
  see("page", is_whole(22), function()
    local address = vim.diagnostic.get(buffer)[1].user_data.lsp.codeDescription.href
    return vim.fn.readfile(vim.uri_to_fname(address))[1]
  end)

  vim.api.nvim_buf_set_text(buffer, 2, 0, 2, 0, { "my_" })
  see("typed", is_whole(25), seen)
  vim.api.nvim_buf_set_text(buffer, 2, 36, 2, 37, { "" })
  see("broken", first(buffer, function(d)
    return d.code == ""
  end), seen)
  vim.api.nvim_buf_set_text(buffer, 2, 36, 2, 36, { ")" })
  see("mended", is_whole(25), seen)
  vim.api.nvim_buf_set_text(buffer, 2, 0, 2, 3, { "" })
  see("back", is_whole(22), seen)

  local answers = vim.lsp.buf_request_sync(buffer, "textDocument/hover", {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    position = { line = 2, character = 10 },
  }, 20000)
  told.hover = answers[client].result.contents.value

  local before = text(buffer)
  local function is_changed()
    return text(buffer) ~= before
  end
  vim.api.nvim_win_set_cursor(0, { 3, 24 })
  choose("(TTN105)")
  vim.lsp.buf.code_action()
  see("fixed", is_changed, function()
    return text(buffer)
  end)
  see("quiet", function()
    return #diagnostics(buffer) == 0
  end, seen)
  vim.cmd("undo")
  see("undone", is_whole(22), seen)

  choose("Fix all")
  local only = { only = { "source.fixAll" }, diagnostics = {} }
  -- Before 0.8 the context is the argument itself.
  vim.lsp.buf.code_action(vim.fn.has("nvim-0.8") == 1 and { context = only } or only)
  see("fixed_all", is_changed, function()
    return text(buffer)
  end)

  local other = open(folder .. "/old/engine.py")
  vim.lsp.buf_attach_client(other, client)
  see("other_root", first(other, function()
    return true
  end), function()
    return diagnostics(other)
  end)
end

local fine, trouble = pcall(session)
told.trouble = fine and "" or tostring(trouble)
vim.fn.writefile({ vim.fn.json_encode(told) }, env.TOLD)
vim.cmd("qall!")

-- Writes: kind "post" (new users), "patch" (two attributes of an existing user).
local dir = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
local common = dofile(dir .. "common.lua")
local base, kind, tokens, run
local counter = 0

setup = common.setup
done = common.done

local post = [[{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],]]
   .. [["externalId":"ext-%s","userName":"%s@new.example","name":{"formatted":"New %s","familyName":"%s","givenName":"New"},]]
   .. [["displayName":"New %s","title":"Engineer","preferredLanguage":"en-US","active":true,"emails":[{"value":"%s@new.example",]]
   .. [["type":"work","primary":true},{"value":"%s@home.example","type":"home"}],"phoneNumbers":[{"value":"+1 555 %s","type":"work"}],]]
   .. [["addresses":[{"streetAddress":"1 Main Street","locality":"Springfield","postalCode":"12345","country":"US","type":"work"}],]]
   .. [["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%s","department":"Department 7"}}]]
local patch = [[{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[]]
   .. [[{"op":"replace","path":"title","value":"Title %d"},{"op":"replace","path":"displayName","value":"Name %d"}]}]]

local kinds = {
   post = function()
      local name = run .. "-" .. thread_number .. "-" .. counter
      return "POST", "/Users", post:gsub("%%s", name), tokens[counter % 20 + 1]
   end,
   patch = function()
      local n, token = common.user(tokens)
      return "PATCH", "/Users/" .. common.id(0, n), patch:format(counter * 16 + thread_number, counter), token
   end,
}

function init(args)
   base, tokens, kind, run = args[1], common.tokens(args[2]), args[3], args[4]
   math.randomseed(thread_number * 104729 + os.time())
end

function request()
   counter = counter + 1
   local method, path, body, token = kinds[kind]()
   return wrk.format(method, base .. path, { Authorization = token, ["Content-Type"] = "application/scim+json" }, body)
end

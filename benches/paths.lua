-- Paths of the three loads: list (20 pages), search (24 French words), filter (15 theme and maturity pairs).
local words = { "eau", "fuites", "énergie", "bâtiments", "déchets", "voirie", "cantines", "délibérations", "usagers",
  "collecte", "inondations", "chaleur", "courriers", "air", "nids-de-poule", "équipements", "marchés", "conseil",
  "espaces", "gaspillage", "aménagement", "éclairage", "arbres", "trafic" }
local themes = { "transition", "administration", "mobilites", "gouvernance", "citoyennete" }
local maturities = { "experimentation", "deploiement", "termine" }
local datasette = {
  theme = { "Transition écologique", "Administration et organisation interne", "Mobilités",
    "Gouvernance et socles technologiques", "Santé et solidarités" },
  maturity = { "En expérimentation", "En déploiement", "Terminé" },
}

local function escape(text)
  return (text:gsub("[^%w%-_%.~]", function(c) return string.format("%%%02X", string.byte(c)) end))
end

local paths, turn = {}, 0

function init(args)
  local kind, flavour = args[1], args[2]
  local facets = "_facet=theme&_facet=coll_type&_facet=projet_status&_size=12"
  if kind == "list" then
    for page = 1, 20 do
      paths[#paths + 1] = flavour == "datasette"
        and "/cat/use_cases?" .. facets .. "&_next=" .. tostring((page - 1) * 12)
        or "/cas-usages?page=" .. page
    end
  elseif kind == "search" then
    for _, word in ipairs(words) do
      paths[#paths + 1] = flavour == "datasette"
        and "/cat/use_cases?" .. facets .. "&_search=" .. escape(word)
        or "/cas-usages?q=" .. escape(word)
    end
  else
    for t = 1, #themes do
      for m = 1, #maturities do
        paths[#paths + 1] = flavour == "datasette"
          and "/cat/use_cases?" .. facets .. "&theme=" .. escape(datasette.theme[t]) .. "&projet_status=" .. escape(datasette.maturity[m])
          or "/cas-usages?theme=" .. themes[t] .. "&maturite=" .. maturities[m]
      end
    end
  end
end

function request()
  turn = turn % #paths + 1
  return wrk.format("GET", paths[turn])
end

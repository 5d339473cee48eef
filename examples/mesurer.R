#!/usr/bin/env Rscript
# L’électricité d’une commande, depuis R. Le paquet jsonlite lit le relevé.
#
#     Rscript mesurer.R Rscript calcul.R

commande <- commandArgs(trailingOnly = TRUE)
if (length(commande) == 0) {
  stop("Usage : Rscript mesurer.R COMMANDE [ARGUMENTS]")
}
code <- system2("sobria", c("measure", "--quiet", "--zone", "FRA", "--json", "mesure.json", "--", shQuote(commande)))
releve <- jsonlite::fromJSON("mesure.json")

message(sprintf("%.3g kWh, mesurés à %.0f %%", releve$it_energy_kwh, 100 * releve$measured_fraction))
message(sprintf("entre %.3g et %.3g kWh", releve$it_energy_range_kwh$low, releve$it_energy_range_kwh$high))
message(sprintf("%.3g g CO2e", releve$emissions_g$central))
# Le code de la commande reste celui du script.
quit(status = code)

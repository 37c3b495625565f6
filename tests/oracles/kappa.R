# Makes kappa.csv from sample.csv; run in this folder. See README.md.
suppressMessages(library(survey))
stopifnot(packageVersion("survey") == "4.5")
d <- read.csv("sample.csv", colClasses = c(household = "character"))
d$two <- ifelse(d$rare == 1 | (d$persons == 5), "a", d$kind)  # a second verdict that often says the same
d$first <- factor(d$kind, c("a", "b", "c"))
d$second <- factor(d$two, c("a", "b", "c"))
d$again <- d$persons != 2
des <- svydesign(id = ~village + household, strata = ~stratum, fpc = ~N + M, data = d)
wr <- svydesign(id = ~village, strata = ~stratum, weights = ~weight, data = d)
out <- NULL
for (name in c("two-stage", "with-replacement")) {
  design <- if (name == "two-stage") des else wr
  for (part in c("all", "again")) {
    k <- svykappa(~first + second, if (part == "all") design else subset(design, again))
    out <- rbind(out, data.frame(design = name, part, statistic = c("estimate", "se"), value = sprintf("%.17g", c(coef(k)[[1]], SE(k)[[1]]))))
  }
}
write.csv(out, "kappa.csv", row.names = FALSE, quote = FALSE)

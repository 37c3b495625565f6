# Makes sampling_package.csv; run in this folder: Rscript sampling_package.R. Needs R's package sampling 2.9.
suppressMessages(library(sampling))
stopifnot(packageVersion("sampling") == "2.9")

out <- NULL
keep <- function(case, what, n, i, j, value) {
  out <<- rbind(out, data.frame(case, what, n, i, j, value = sprintf("%.17g", value)))
}

# lambda in proportion to size, certainties taken out repeatedly
sizes <- list(
  plain = list(c(12, 7, 3, 9, 5), 2),
  one_certain = list(c(100, 7, 3, 9, 5), 2),
  one_after_another = list(c(1000, 200, 60, 20, 8, 5, 3, 2, 1, 1), 5),
  without_size = list(c(0, 4, 0, 9, 5, 2), 3),
  as_many_as_have_a_size = list(c(0, 4, 9, 5), 3),
  villages = list(c(318, 41, 276, 95, 133, 512, 61, 240, 187, 74, 1480, 209, 156, 33, 402, 118, 227, 90, 345, 52), 4),
  not_whole = list(c(318, 41, 276, 95, 133, 512, 61, 240, 1187), 3.5)
)
for (case in names(sizes)) {
  a <- sizes[[case]][[1]]
  n <- sizes[[case]][[2]]
  pik <- suppressWarnings(inclusionprobabilities(a, n)) # it warns of sizes that are 0
  for (i in seq_along(a)) {
    keep(case, "size", n, i, 0, a[i])
    keep(case, "lambda", n, i, 0, pik[i])
  }
}

# pairs of a systematic draw with equal chances
for (case in list(c(7, 3), c(10, 4), c(12, 5), c(5, 3), c(9, 8), c(11, 1))) {
  N <- case[1]
  n <- case[2]
  joint <- UPsystematicpi2(rep(n / N, N))
  for (i in 1:N) for (j in 1:N) keep(paste0("systematic_", N), "pair", n, i, j, joint[i, j])
}
write.csv(out, "sampling_package.csv", row.names = FALSE, quote = FALSE)

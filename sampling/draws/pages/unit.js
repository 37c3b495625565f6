/* One unit: its ticket, the cut, drawn or not; receipt and commit are enough for a simple random sample */

function oneUnit({ commit, receipt, draw }, { village, household = "", list = "", stratum = "", substratum = "" }) {
  const found = draw && draw.rows.find((row) => row.village === village && row.household === household && row.list === list);
  const group = draw && (household ? draw.groups.find((one) => one.village === village && one.list === list && one.order.some((unit) => unit.household === household)) : draw.strata.find((one) => one.order.some((unit) => unit.village === village)));
  if (group) {
    const unit = group.order.find((one) => (household ? one.household : one.village) === (household || village));
    const cut = cutOf(group);
    return { ticket: unit.ticket, cut: cut && cut.ticket, score: unit.score, cutScore: cut && cut.score, method: group.method, role: found ? found.role : "", drawn: Boolean(found && isDrawn(found)) };
  }
  if (draw && !household) return { unknown: "absent" };
  if (draw && draw.lists.includes(list)) return { unknown: draw.groups.some((one) => one.village === village && one.list === list) ? "absent" : "village" };
  return household ? oneHousehold(commit, receipt, { village, household, list, substratum }) : oneVillage(commit, receipt, { village, stratum });
}

function oneVillage(commit, receipt, { village, stratum }) {
  const listed = [...receipt.sample, ...receipt.reserves].find(({ id }) => id === village);
  const digest = ticket(receipt.seed, commit.campaign, "1", village);
  const id = listed ? listed.stratum : stratum;
  const cut = receipt.strata.find((one) => one.id === id);
  if (!cut) return { ticket: digest, unknown: "stratum" };
  return compared(digest, cut.cut_ticket, id.endsWith("/certainty") ? "srs" : commit.design.villages_by.method, receipt);
}

function oneHousehold(commit, receipt, { village, household, list, substratum }) {
  const opened = (receipt.acts || []).find((act) => act.act === "village" && act.village === village);
  if (commit.design.sealed && !opened) return { unknown: "sealed" };
  const digest = ticket(opened ? opened.seed : receipt.seed, commit.campaign, list ? "2/" + list : "2", village, household);
  const entries = receipt.villages.filter((one) => one.id === village && one.list === list);
  const entry = entries.length > 1 ? entries.find((one) => (one.substratum || "") === substratum) : entries[0];
  if (!entry) return { ticket: digest, unknown: "village" };
  return compared(digest, entry.cut_ticket, list ? "srs" : commit.design.households_by.method, receipt);
}

/* Where acts came later, or the method is another, one ticket does not tell: all files are needed */
function compared(digest, cut, method, receipt) {
  const plain = method === "srs" && !(receipt.acts || []).some((act) => act.act !== "village");
  return plain ? { ticket: digest, cut, method, drawn: digest <= cut } : { ticket: digest, cut, method, unknown: "method" };
}

"""What the office owes at the end of a campaign: plan, summary, letters, ledgers, notices."""

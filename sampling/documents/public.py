"""What the public may read of a person: this, and nothing else."""

PUBLIC_COLUMNS = ("household_name", "persons", "amount")
"""Name of the applicant, size of the household, amount: never an identity number, phone, account, an address
below the village, illness, disability, a minor's name, or a reason."""
NOTICE = "notice-"
"""How the files of the public notice begin: the only public ones with names in them."""

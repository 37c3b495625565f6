"""Who goes where, when: teams, the days and hours there are, and a plan of visits."""

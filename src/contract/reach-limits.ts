/** How many days of use are told beside what is entitled. */
export const reachDays = 90
/** How many contexts and paths are listed; all are counted. */
export const reachRows = 500

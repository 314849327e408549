/** So long after its last check the text of a config is kept. */
export const configTextDays = 90

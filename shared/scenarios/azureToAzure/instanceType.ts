/** The service's name for the scenario, in each of its shapes. */
export const A2A = 'A2A' as const;

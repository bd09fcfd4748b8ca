/** Site Recovery's name for the scenario, in all its types. */
export const A2A = 'A2A' as const;

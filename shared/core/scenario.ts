// The names of the scenarios, as documents and recorded histories hold them.
// What each one can do stands in its driver: see shared/scenarios/drivers.ts.

export const Scenario = { azureToAzure: 'azureToAzure', hyperVToAzure: 'hyperVToAzure' } as const;
export type Scenario = (typeof Scenario)[keyof typeof Scenario];

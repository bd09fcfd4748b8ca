// The names of the scenarios. Documents and recorded histories store these names.
// shared/scenarios/drivers.ts has the driver of each scenario.

/** The replication scenarios that Lifeboat knows. */
export const Scenario = {
  azureToAzure: 'azureToAzure',
  hyperVToAzure: 'hyperVToAzure',
  vmwareToAzure: 'vmwareToAzure',
} as const;
export type Scenario = (typeof Scenario)[keyof typeof Scenario];

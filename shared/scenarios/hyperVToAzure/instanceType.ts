/** The service's name for the scenario, in each of its shapes. */
export const HYPER_V = 'HyperVReplicaAzure' as const;

/** Site Recovery's name for the scenario, in all its types. */
export const HYPER_V = 'HyperVReplicaAzure' as const;

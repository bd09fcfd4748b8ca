/** Site Recovery's name for the scenario, in most of its types. */
export const HYPER_V = 'HyperVReplicaAzure' as const;
/** Site Recovery's name for the input of a failback. */
export const HYPER_V_FAILBACK = 'HyperVReplicaAzureFailback' as const;

// The schema of the VMware part of a vault in an environment: what was set up and replicates already.

import * as z from 'zod';

import { name } from './infrastructure-schema.ts';

const replicatedMachine = z.strictObject({
  /** The name of the machine in its site. The item has the same name. */
  virtualMachine: name,
  resourceGroup: name,
  network: name,
  subnet: z.string().exactOptional(),
  logStorageAccount: name,
  size: z.string().exactOptional(),
  multiVmGroup: name.exactOptional(),
});

export const vmwareFabric = z.strictObject({
  name,
  kind: z.enum(['InMageRcm', 'VMware']).default('InMageRcm'),
  site: name,
  /** The appliances, or the configuration server with its process servers, that are registered. */
  servers: z.array(name).default([]),
  /** The name of the policy and its mapping. The service adds the way home to both. */
  policy: name.exactOptional(),
  recoveryPointHistoryInMinutes: z.int().min(0).default(1440),
  appConsistentFrequencyInMinutes: z.int().min(0).default(0),
  protectedItems: z.array(replicatedMachine).default([]),
});

export type EnvironmentVmwareFabric = z.infer<typeof vmwareFabric>;

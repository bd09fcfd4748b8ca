// Pairs the resources of source VMs with the resources of recovered VMs.
// The map helps teams that keep their own lists of VMs, addresses and disks.

import * as z from 'zod';
import { networkIdOf, resourceGroupOf } from '../../core/armId.ts';
import type { VmResources } from '../../azure/vmResources.ts';

export const ResourceKind = {
  virtualMachine: 'virtualMachine',
  resourceGroup: 'resourceGroup',
  region: 'region',
  networkInterface: 'networkInterface',
  network: 'network',
  subnet: 'subnet',
  privateAddress: 'privateAddress',
  publicAddress: 'publicAddress',
  disk: 'disk',
} as const;
export type ResourceKind = (typeof ResourceKind)[keyof typeof ResourceKind];

const MappedResource = z.strictObject({
  kind: z.enum(ResourceKind).meta({ description: 'The kind of resource.' }),
  part: z.string().meta({
    description:
      'Identifies one of several: the number of an interface, of its configuration, or the place ' +
      'of a disk (os, lun 0, ...). Empty for a single resource.',
  }),
  from: z
    .string()
    .nullable()
    .meta({ description: 'An ARM id, an address, or the name of a region; null: there was none.' }),
  to: z
    .string()
    .nullable()
    .meta({ description: 'The same for the resource that replaces it now; null: there is none.' }),
});
export type MappedResource = z.infer<typeof MappedResource>;

const MappedVm = z.strictObject({
  vm: z.string().meta({ description: "Lifeboat's id. It does not change." }),
  name: z.string().meta({ description: 'The name of the VM.' }),
  from: z.string().meta({ description: 'The ARM id of the replicated VM.' }),
  to: z.string().meta({ description: 'The ARM id of the VM that replaces it.' }),
  missing: z.array(z.string()).meta({
    description: 'The VMs that Azure did not show, with the reasons. The map still contains the known facts.',
  }),
  resources: z.array(MappedResource).meta({ description: 'The pairs of resources.' }),
});
/** The resource pairs of one VM. */
export type MappedVm = z.infer<typeof MappedVm>;

/** A page of a job's resource map, as the API returns it. */
export const ResourceMap = z
  .strictObject({
    job: z.string().meta({ description: 'The id of the job.' }),
    operation: z.string().meta({ description: 'The operation of the job.' }),
    complete: z.boolean().meta({
      description: 'The job has ended, and Lifeboat has read all VMs: this map does not change any more.',
    }),
    readAt: z.string().meta({ description: 'The time at which Lifeboat read the VMs.' }),
    vms: z.array(MappedVm).meta({ description: 'The VMs with their pairs.' }),
    next: z.string().nullable().meta({ description: 'The continuation of the next page; null on the last.' }),
  })
  .meta({
    title: 'ResourceMap',
    description:
      'From the resources of VMs to the resources that replace them after a failover, a failback or a drill.',
  });
export type ResourceMap = z.infer<typeof ResourceMap>;

type ResourceRow = readonly [kind: ResourceKind, part: string, value: string];

/** Pairs resources by their place in the VM, because Site Recovery keeps places but not names. */
export function pairResources(
  fromId: string,
  from: VmResources | undefined,
  toId: string,
  to: VmResources | undefined,
): readonly MappedResource[] {
  const [rowsBefore, rowsAfter] = [rowsOf(fromId, from), rowsOf(toId, to)].map(
    (rows) => new Map(rows.map((row) => [`${row[0]} ${row[1]}`, row])),
  );
  return [...new Set([...(rowsBefore?.keys() ?? []), ...(rowsAfter?.keys() ?? [])])].flatMap((key) => {
    const row = rowsBefore?.get(key) ?? rowsAfter?.get(key);
    return row
      ? [
          {
            kind: row[0],
            part: row[1],
            from: rowsBefore?.get(key)?.[2] ?? null,
            to: rowsAfter?.get(key)?.[2] ?? null,
          },
        ]
      : [];
  });
}

/** A machine on premises has only its id in Site Recovery. */
const isAzureVm = (id: string): boolean => /\/providers\/Microsoft\.(Classic)?Compute\//i.test(id);

function rowsOf(id: string, machine: VmResources | undefined): readonly ResourceRow[] {
  const rowIfPresent = (kind: ResourceKind, part: string, value: string | null): ResourceRow[] =>
    value === null || value === '' ? [] : [[kind, part, value]];
  return [
    ['virtualMachine', '', id],
    ...rowIfPresent('resourceGroup', '', isAzureVm(id) ? resourceGroupOf(id) : null),
    ...rowIfPresent('region', '', machine?.region ?? null),
    ...(machine?.nics ?? []).flatMap((nic, nicIndex) => [
      ...rowIfPresent('networkInterface', `${nicIndex}`, nic.id),
      ...nic.configurations.flatMap(({ subnetId, privateAddress, publicAddress }, configurationIndex) => [
        ...rowIfPresent('network', `${nicIndex}.${configurationIndex}`, subnetId && networkIdOf(subnetId)),
        ...rowIfPresent('subnet', `${nicIndex}.${configurationIndex}`, subnetId),
        ...rowIfPresent('privateAddress', `${nicIndex}.${configurationIndex}`, privateAddress),
        ...rowIfPresent('publicAddress', `${nicIndex}.${configurationIndex}`, publicAddress),
      ]),
    ]),
    ...(machine?.disks ?? []).flatMap(({ place, id: disk }) => rowIfPresent('disk', place, disk)),
  ];
}

const COLUMNS = ['vm', 'name', 'kind', 'part', 'from', 'to'] as const;
const quoteForCsv = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;

/** The map as CSV (RFC 4180), with one line for each resource. */
export const resourceMapCsv = (vms: readonly MappedVm[]): string =>
  [
    COLUMNS.join(','),
    ...vms.flatMap(({ vm, name, resources }) =>
      resources.map(({ kind, part, from, to }) =>
        [vm, name, kind, part, from ?? '', to ?? ''].map(quoteForCsv).join(','),
      ),
    ),
  ]
    .map((line) => `${line}\r\n`)
    .join('');

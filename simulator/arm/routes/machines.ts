// The routes of virtual machines (get, create, start, stop), managed disks and classic machines.

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, ok, withoutHidden } from '../responses.ts';
import { classicMachineBody } from '../build/classic.ts';
import { powerOf } from '../fault-conditions.ts';
import { acceptOperation } from '../operation-polling.ts';
import { resourceGroupIdFor, subscriptionId } from '../ids.ts';
import { withResource, kindRoutes } from '../resource-kinds.ts';
import {
  get,
  RESOURCE_GROUP,
  listPage,
  post,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { RESOURCE_TYPES } from '../resource-types.ts';
import { createDisk, createMachine } from './create-machines.ts';
import type { Resource } from '../resource.ts';

interface StorageProfile {
  readonly osDisk?: { readonly osType: string; readonly name: string };
  readonly dataDisks?: readonly { readonly name: string }[];
}

interface GuestSystem {
  readonly name: string;
  readonly version: string;
}
const DEFAULT_SYSTEMS: Readonly<Record<'Windows' | 'Linux', GuestSystem>> = {
  Windows: { name: 'Windows Server 2022 Datacenter', version: '10.0.20348.2340' },
  Linux: { name: 'ubuntu', version: '22.04' },
};

const POWER_TEXT = { running: 'VM running', stopped: 'VM stopped', deallocated: 'VM deallocated' } as const;

/**
 * Builds the instance view of a machine. The agent in the guest reports only while the machine
 * runs.
 */
function instanceView({ faults, now }: ArmRequest, machine: Resource): unknown {
  const power = powerOf(faults, machine);
  const { osDisk, dataDisks = [] } = machine.properties['storageProfile'] as StorageProfile;
  const time = new Date(now).toISOString();
  const system =
    (machine.hidden?.['os'] as GuestSystem | undefined) ??
    DEFAULT_SYSTEMS[osDisk?.osType === 'Windows' ? 'Windows' : 'Linux'];
  const isAgentReady = power === 'running' && machine.hidden?.['agentReady'] !== false;
  const attached = {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
  };
  return {
    ...(isAgentReady && {
      computerName: machine.name,
      osName: system.name,
      osVersion: system.version,
    }),
    vmAgent: isAgentReady
      ? {
          vmAgentVersion: '2.12.0.2',
          statuses: [
            {
              code: 'ProvisioningState/succeeded',
              level: 'Info',
              displayStatus: 'Ready',
              message: 'Guest Agent is running',
              time,
            },
          ],
          extensionHandlers: [],
        }
      : {
          vmAgentVersion: 'Unknown',
          statuses: [
            {
              code: 'ProvisioningState/Unavailable',
              level: 'Warning',
              displayStatus: 'Not Ready',
              message: 'VM status blob is found but not yet populated.',
              time,
            },
          ],
        },
    disks: [...(osDisk ? [osDisk] : []), ...dataDisks].map(({ name }) => ({ name, statuses: [attached] })),
    hyperVGeneration: machine.hidden?.['generation'] ?? 'V2',
    statuses: [attached, { code: `PowerState/${power}`, level: 'Info', displayStatus: POWER_TEXT[power] }],
  };
}

const withInstanceView = (request: ArmRequest, machine: Resource): unknown =>
  withoutHidden({
    ...machine,
    properties: { ...machine.properties, instanceView: instanceView(request, machine) },
  });

const wantsInstanceView = ({ query }: ArmRequest): boolean =>
  /instanceView/i.test(query.get('$expand') ?? '') || query.get('statusOnly') === 'true';

function listMachines(request: ArmRequest, under: string): SimulatorResponse | undefined {
  if (request.query.get('$filter') !== null) return undefined;
  return listPage(request, request.world.list({ type: RESOURCE_TYPES.virtualMachine, under }), (machine) =>
    wantsInstanceView(request) ? withInstanceView(request, machine) : withoutHidden(machine),
  );
}

const MACHINES = `providers/${RESOURCE_TYPES.virtualMachine}`;
const MACHINE = `${RESOURCE_GROUP}/${MACHINES}/{name}`;
const withMachine = (
  request: ArmRequest,
  names: PathParameters,
  go: (machine: Resource) => SimulatorResponse | undefined,
): SimulatorResponse | undefined => withResource(request, RESOURCE_TYPES.virtualMachine, names, go);

/** The route that starts, stops or deallocates a machine. */
const powerRoute = (verb: string, seconds: number, leadsTo: string): ArmRoute =>
  post(`${MACHINE}/${verb}`, (request, names) =>
    withMachine(request, names, (machine) => {
      if (machine.properties['provisioningState'] === 'Deleting')
        return armError(
          409,
          'OperationNotAllowed',
          `Operation '${verb}' is not allowed on VM '${machine.name}' since the VM is marked for deletion.`,
        );
      const { id, location = '' } = machine;
      return request.world.transaction(() => {
        request.world.put({
          ...machine,
          properties: { ...machine.properties, provisioningState: 'Updating' },
        });
        return acceptOperation(request, {
          resource: id,
          location,
          operation: { seconds, effects: [{ kind: 'power', id, power: leadsTo }], leadsTo: 'nothing' },
        });
      });
    }),
  );

/** Detaches the disks and the network interfaces of a machine. They stay in the world. */
function detachResources({ world }: ArmRequest, { id }: Resource): void {
  const machineId = id.toLowerCase();
  for (const { managedBy, ...disk } of world.list({ type: RESOURCE_TYPES.disk })) {
    if (managedBy?.toLowerCase() === machineId)
      world.put({ ...disk, properties: { ...disk.properties, diskState: 'Unattached' } });
  }
  for (const nic of world.list({ type: RESOURCE_TYPES.networkInterface })) {
    const { virtualMachine, ...properties } = nic.properties;
    if ((virtualMachine as { readonly id: string } | undefined)?.id.toLowerCase() === machineId)
      world.put({ ...nic, properties });
  }
}

const diskInUse = (_request: ArmRequest, { name, managedBy }: Resource): SimulatorResponse | undefined =>
  managedBy === undefined
    ? undefined
    : armError(409, 'OperationNotAllowed', `Disk ${name} is attached to VM ${managedBy}.`);

export const machineRoutes: readonly ArmRoute[] = [
  get(`${SUBSCRIPTION}/${MACHINES}`, (request, { subscription = '' }) =>
    listMachines(request, subscriptionId(subscription)),
  ),
  get(`${RESOURCE_GROUP}/${MACHINES}`, (request, { subscription = '', group = '' }) =>
    listMachines(request, resourceGroupIdFor(subscription, group)),
  ),
  get(
    `${SUBSCRIPTION}/providers/Microsoft.Compute/locations/{location}/virtualMachines`,
    (request, { subscription = '', location = '' }) =>
      listPage(
        request,
        request.world
          .list({ type: RESOURCE_TYPES.virtualMachine, under: subscriptionId(subscription) })
          .filter((machine) => machine.location === request.world.region(location)?.name),
      ),
  ),
  get(MACHINE, (request, names) =>
    withMachine(request, names, (machine) =>
      ok(wantsInstanceView(request) ? withInstanceView(request, machine) : withoutHidden(machine)),
    ),
  ),
  get(`${MACHINE}/instanceView`, (request, names) =>
    withMachine(request, names, (machine) => ok(instanceView(request, machine))),
  ),
  powerRoute('start', 40, 'running'),
  powerRoute('restart', 60, 'running'),
  powerRoute('powerOff', 30, 'stopped'),
  powerRoute('deallocate', 60, 'deallocated'),
  ...kindRoutes({
    type: RESOURCE_TYPES.virtualMachine,
    create: createMachine,
    creationStyle: 'created',
    canPatchTags: true,
    seconds: 45,
    checkRemoval: () => undefined,
    detach: detachResources,
  }),
  ...kindRoutes({
    type: RESOURCE_TYPES.disk,
    create: createDisk,
    creationStyle: 'created',
    canPatchTags: true,
    seconds: 3,
    checkRemoval: diskInUse,
  }),
  ...kindRoutes({
    type: RESOURCE_TYPES.classicVirtualMachine,
    body: (_request, machine) => withoutHidden(classicMachineBody(machine)),
  }),
  ...[
    RESOURCE_TYPES.classicCloudService,
    RESOURCE_TYPES.classicNetwork,
    RESOURCE_TYPES.classicStorageAccount,
  ].flatMap((type) => kindRoutes({ type })),
];

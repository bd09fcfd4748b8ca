// Virtual machines as they stand, started and stopped; managed disks; what is left of the classic
// deployment model.

import type { Answer } from '../../wire/exchange.ts';
import { armError, ok, shown } from '../answers.ts';
import { classicBody } from '../build/classic.ts';
import { powerOf } from '../conditions.ts';
import { acceptedWork } from '../follow.ts';
import { groupId, subscriptionId } from '../ids.ts';
import { atResource, kindRoutes } from '../kinds.ts';
import {
  get,
  GROUP,
  page,
  post,
  SUBSCRIPTION,
  type ArmRequest,
  type ArmRoute,
  type Names,
} from '../request.ts';
import { TYPES } from '../types.ts';
import { makeDisk, makeMachine } from './make-machines.ts';
import type { Resource } from '../resource.ts';

interface StorageProfile {
  readonly osDisk?: { readonly osType: string; readonly name: string };
  readonly dataDisks?: readonly { readonly name: string }[];
}

const POWER_TEXT = { running: 'VM running', stopped: 'VM stopped', deallocated: 'VM deallocated' } as const;

/** What Azure sees of a machine from outside. The agent in the guest speaks only while the machine runs. */
function instanceView({ faults, now }: ArmRequest, machine: Resource): unknown {
  const power = powerOf(faults, machine);
  const { osDisk, dataDisks = [] } = machine.properties['storageProfile'] as StorageProfile;
  const time = new Date(now).toISOString();
  const speaks = power === 'running' && machine.hidden?.['agentReady'] !== false;
  const attached = {
    code: 'ProvisioningState/succeeded',
    level: 'Info',
    displayStatus: 'Provisioning succeeded',
  };
  return {
    ...(speaks && {
      computerName: machine.name,
      osName: osDisk?.osType === 'Windows' ? 'Windows Server 2022 Datacenter' : 'ubuntu',
      osVersion: osDisk?.osType === 'Windows' ? '10.0.20348.2340' : '22.04',
    }),
    vmAgent: speaks
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

const withView = (request: ArmRequest, machine: Resource): unknown =>
  shown({ ...machine, properties: { ...machine.properties, instanceView: instanceView(request, machine) } });

const asked = ({ query }: ArmRequest): boolean =>
  /instanceView/i.test(query.get('$expand') ?? '') || query.get('statusOnly') === 'true';

function list(request: ArmRequest, under: string): Answer | undefined {
  if (request.query.get('$filter') !== null) return undefined;
  return page(request, request.world.list({ type: TYPES.virtualMachine, under }), (machine) =>
    asked(request) ? withView(request, machine) : shown(machine),
  );
}

const MACHINES = `providers/${TYPES.virtualMachine}`;
const MACHINE = `${GROUP}/${MACHINES}/{name}`;
const atMachine = (
  request: ArmRequest,
  names: Names,
  go: (machine: Resource) => Answer | undefined,
): Answer | undefined => atResource(request, TYPES.virtualMachine, names, go);

/** Starts, stops or lets go of a machine. */
const power = (verb: string, seconds: number, leadsTo: string): ArmRoute =>
  post(`${MACHINE}/${verb}`, (request, names) =>
    atMachine(request, names, (machine) => {
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
        return acceptedWork(request, {
          resource: id,
          location,
          operation: { seconds, effects: [{ kind: 'power', id, power: leadsTo }], leadsTo: 'nothing' },
        });
      });
    }),
  );

/** Its disks and network interfaces are let go of, and stay. */
function letGo({ world }: ArmRequest, { id }: Resource): void {
  const mine = id.toLowerCase();
  for (const { managedBy, ...disk } of world.list({ type: TYPES.disk })) {
    if (managedBy?.toLowerCase() === mine)
      world.put({ ...disk, properties: { ...disk.properties, diskState: 'Unattached' } });
  }
  for (const nic of world.list({ type: TYPES.networkInterface })) {
    const { virtualMachine, ...properties } = nic.properties;
    if ((virtualMachine as { readonly id: string } | undefined)?.id.toLowerCase() === mine)
      world.put({ ...nic, properties });
  }
}

const diskInUse = (_request: ArmRequest, { name, managedBy }: Resource): Answer | undefined =>
  managedBy === undefined
    ? undefined
    : armError(409, 'OperationNotAllowed', `Disk ${name} is attached to VM ${managedBy}.`);

export const machineRoutes: readonly ArmRoute[] = [
  get(`${SUBSCRIPTION}/${MACHINES}`, (request, { subscription = '' }) =>
    list(request, subscriptionId(subscription)),
  ),
  get(`${GROUP}/${MACHINES}`, (request, { subscription = '', group = '' }) =>
    list(request, groupId(subscription, group)),
  ),
  get(
    `${SUBSCRIPTION}/providers/Microsoft.Compute/locations/{location}/virtualMachines`,
    (request, { subscription = '', location = '' }) =>
      page(
        request,
        request.world
          .list({ type: TYPES.virtualMachine, under: subscriptionId(subscription) })
          .filter((machine) => machine.location === request.world.region(location)?.name),
      ),
  ),
  get(MACHINE, (request, names) =>
    atMachine(request, names, (machine) => ok(asked(request) ? withView(request, machine) : shown(machine))),
  ),
  get(`${MACHINE}/instanceView`, (request, names) =>
    atMachine(request, names, (machine) => ok(instanceView(request, machine))),
  ),
  power('start', 40, 'running'),
  power('restart', 60, 'running'),
  power('powerOff', 30, 'stopped'),
  power('deallocate', 60, 'deallocated'),
  ...kindRoutes({
    type: TYPES.virtualMachine,
    make: makeMachine,
    makes: 'created',
    patches: true,
    seconds: 45,
    mayRemove: () => undefined,
    releases: letGo,
  }),
  ...kindRoutes({
    type: TYPES.disk,
    make: makeDisk,
    makes: 'created',
    patches: true,
    seconds: 3,
    mayRemove: diskInUse,
  }),
  ...kindRoutes({
    type: TYPES.classicVirtualMachine,
    body: (_request, machine) => shown(classicBody(machine)),
  }),
  ...[TYPES.classicCloudService, TYPES.classicNetwork, TYPES.classicStorageAccount].flatMap((type) =>
    kindRoutes({ type }),
  ),
];

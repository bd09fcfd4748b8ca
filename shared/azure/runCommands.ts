// Machines, and the managed run commands in them: scripts that Azure's agent runs, each under a
// name of its own below its machine.
import type { WriteAnswer } from './writeAnswer.ts';
import { freshGuid } from '../core/ids.ts';
import { sendOnce } from './send.ts';
import { compute, orUndefined, writing } from './clients.ts';
import { reading } from './faults.ts';
import { groupNameOf, nameOf, subscriptionOf } from '../core/armId.ts';
import { agentReadyIn, powerOf } from './machineFacts.ts';

export interface Machine {
  readonly location: string;
  readonly osType: 'Windows' | 'Linux';
  readonly running: boolean;
  readonly power: string;
  /** Null where Azure does not say. */
  readonly agentReady: boolean | null;
}

export async function findMachine(id: string): Promise<Machine | undefined> {
  const client = await compute(subscriptionOf(id));
  const found = await reading(`the VM ${id}`, () =>
    orUndefined(client.virtualMachines.get(groupNameOf(id), nameOf(id), { expand: 'instanceView' })),
  );
  if (!found) return undefined;
  const power = powerOf(found.instanceView);
  return {
    location: found.location,
    osType: found.storageProfile?.osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    running: power === 'running',
    power,
    agentReady: agentReadyIn(found.instanceView),
  };
}

export interface Script {
  readonly location: string;
  readonly text: string;
  /** Azure ends it then; null: after its own time. */
  readonly timeoutSeconds: number | null;
}

export async function sendRunCommand(
  machineId: string,
  name: string,
  { location, text, timeoutSeconds }: Script,
  clientRequestId: string,
  deadline: Date,
): Promise<WriteAnswer> {
  const client = await writing.compute(subscriptionOf(machineId));
  const body = {
    location,
    source: { script: text },
    asyncExecution: true,
    ...(timeoutSeconds === null ? {} : { timeoutInSeconds: timeoutSeconds }),
  };
  return sendOnce(clientRequestId, deadline, (options) =>
    Promise.resolve(
      client.virtualMachineRunCommands.createOrUpdate(
        groupNameOf(machineId),
        nameOf(machineId),
        name,
        body,
        options,
      ),
    ),
  );
}

export interface RunCommandSeen {
  readonly provisioning: string;
  readonly state: string;
  readonly message: string;
  readonly exitCode: number;
  readonly output: string;
  readonly error: string;
}

export async function findRunCommand(machineId: string, name: string): Promise<RunCommandSeen | undefined> {
  const client = await compute(subscriptionOf(machineId));
  const found = await reading(`the run command ${name} of ${machineId}`, () =>
    orUndefined(
      client.virtualMachineRunCommands.getByVirtualMachine(groupNameOf(machineId), nameOf(machineId), name, {
        expand: 'instanceView',
      }),
    ),
  );
  if (!found) return undefined;
  const {
    executionState = '',
    executionMessage = '',
    exitCode = 0,
    output = '',
    error = '',
  } = found.instanceView ?? {};
  return {
    provisioning: found.provisioningState ?? '',
    state: executionState,
    message: executionMessage,
    exitCode,
    output,
    error,
  };
}

/** Undefined: it is gone, or going; else why not. What still runs ends with it. */
export async function removeRunCommand(
  machineId: string,
  name: string,
  deadline: Date,
): Promise<string | undefined> {
  const client = await writing.compute(subscriptionOf(machineId));
  const { status, code, message } = await sendOnce(freshGuid(), deadline, (options) =>
    Promise.resolve(
      client.virtualMachineRunCommands.delete(groupNameOf(machineId), nameOf(machineId), name, options),
    ),
  );
  return status !== null && (status < 300 || status === 404)
    ? undefined
    : `${status ?? 'no answer'} ${code}: ${message}`;
}

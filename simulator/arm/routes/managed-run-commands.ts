// Managed run commands: child resources of a machine with a script and its output. The agent of the
// machine runs the script.

import * as z from 'zod';

import type { SimulatorResponse } from '../../wire/exchange.ts';
import { armError, invalidRequest, noContent, ok, resourceNotFound } from '../responses.ts';
import { powerOf } from '../fault-conditions.ts';
import { acceptOperation, acceptCreation } from '../operation-polling.ts';
import { withResource } from '../resource-kinds.ts';
import {
  get,
  RESOURCE_GROUP,
  put,
  remove,
  type ArmRequest,
  type ArmRoute,
  type PathParameters,
} from '../request.ts';
import { RunCommands, type RunOutcome } from '../run-commands.ts';
import { MANAGED_RUN_COMMAND, RESOURCE_TYPES } from '../resource-types.ts';
import type { Resource } from '../resource.ts';

interface ManagedRunCommand {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly source: { readonly script: string };
  readonly asyncExecution: boolean;
  readonly timeoutInSeconds: number;
  readonly startedAt: number;
  readonly outcome: RunOutcome;
  /** The agent of the machine never received the command. */
  readonly silent: boolean;
}

const KEY_PREFIX = 'managed-run-command:';
/**
 * The time until the agent receives the command, and Azure's wait for an agent that does not
 * answer.
 */
const PICKUP_MS = 10_000;
const AGENT_TIMEOUT_MS = 90_000;
const DEFAULT_TIMEOUT_SECONDS = 5400;
/** The length of the output that Azure keeps. */
const MAX_OUTPUT_LENGTH = 4096;

const bodyShape = z.looseObject({
  location: z.string(),
  properties: z.looseObject({
    source: z.looseObject({ script: z.string() }),
    asyncExecution: z.boolean().default(false),
    timeoutInSeconds: z.int().positive().default(DEFAULT_TIMEOUT_SECONDS),
  }),
});

const storeKey = (id: string): string => `${KEY_PREFIX}${id.toLowerCase()}`;
const endOf = ({ startedAt, outcome, timeoutInSeconds }: ManagedRunCommand): number =>
  startedAt + PICKUP_MS + Math.min(outcome.seconds, timeoutInSeconds) * 1000;

function stateOf(command: ManagedRunCommand, now: number): string {
  if (command.silent || now < command.startedAt + PICKUP_MS) return 'Pending';
  if (now < endOf(command)) return 'Running';
  if (command.outcome.seconds > command.timeoutInSeconds) return 'TimedOut';
  return command.outcome.exitCode === 0 ? 'Succeeded' : 'Failed';
}

function provisioningStateOf(command: ManagedRunCommand, now: number): string {
  const readyAt = command.asyncExecution ? command.startedAt + PICKUP_MS : endOf(command);
  if (command.silent || command.outcome.error)
    return now < command.startedAt + AGENT_TIMEOUT_MS ? 'Creating' : 'Failed';
  return now < readyAt ? 'Creating' : 'Succeeded';
}

function instanceViewOf(command: ManagedRunCommand, now: number) {
  const executionState = stateOf(command, now);
  const isFinished = executionState === 'Succeeded' || executionState === 'Failed';
  const time = (at: number): string => new Date(at).toISOString();
  const failure = command.silent
    ? 'VM has not reported status for VM agent or extensions.'
    : command.outcome.error?.message;
  return {
    executionState,
    executionMessage: failure !== undefined && provisioningStateOf(command, now) === 'Failed' ? failure : '',
    exitCode: isFinished ? command.outcome.exitCode : 0,
    output: isFinished ? command.outcome.stdout.slice(-MAX_OUTPUT_LENGTH) : '',
    error: isFinished ? command.outcome.stderr.slice(-MAX_OUTPUT_LENGTH) : '',
    startTime: time(command.startedAt + PICKUP_MS),
    ...(isFinished && { endTime: time(endOf(command)) }),
  };
}

const bodyOf = (command: ManagedRunCommand, now: number, withView: boolean) => ({
  id: command.id,
  name: command.name,
  type: MANAGED_RUN_COMMAND,
  location: command.location,
  properties: {
    source: command.source,
    asyncExecution: command.asyncExecution,
    timeoutInSeconds: command.timeoutInSeconds,
    provisioningState: provisioningStateOf(command, now),
    ...(withView && { instanceView: instanceViewOf(command, now) }),
  },
});

function runManagedCommand(request: ArmRequest, machine: Resource, name: string): SimulatorResponse {
  const { world, exchange, faults, now } = request;
  const read = bodyShape.safeParse(exchange.json());
  if (!read.success) return invalidRequest(z.prettifyError(read.error));
  const {
    location,
    properties: { source, asyncExecution, timeoutInSeconds },
  } = read.data;
  if (location !== machine.location)
    return armError(
      400,
      'InvalidParameter',
      `The run command must be in the location of the VM '${machine.name}', ${machine.location ?? ''}.`,
    );
  if (powerOf(faults, machine) !== 'running')
    return armError(
      409,
      'OperationNotAllowed',
      'Cannot modify extensions in the VM when the VM is not running.',
    );
  const id = `${machine.id}/runCommands/${name}`;
  const isNew = world.keyValues.get(storeKey(id)) === undefined;
  return world.transaction(() => {
    const outcome = new RunCommands(world).recordRun({
      vm: machine.name,
      id: machine.id,
      commandId: `runCommands/${name}`,
      script: source.script.split('\n'),
      parameters: {},
      at: now,
    });
    const command: ManagedRunCommand = {
      id,
      name,
      location,
      source,
      asyncExecution,
      timeoutInSeconds,
      startedAt: now,
      outcome,
      silent: machine.hidden?.['agentReady'] === false,
    };
    world.keyValues.put(storeKey(id), command);
    return acceptCreation(
      request,
      {
        resource: id,
        location,
        operation: {
          seconds: (endOf(command) - now) / 1000,
          effects: [],
          leadsTo: { body: bodyOf(command, endOf(command), false) },
        },
      },
      isNew,
      bodyOf(command, now, false),
    );
  });
}

function removeCommand(request: ArmRequest, machine: Resource, name: string): SimulatorResponse {
  const id = `${machine.id}/runCommands/${name}`;
  if (request.world.keyValues.get(storeKey(id)) === undefined) return noContent;
  request.world.keyValues.remove(storeKey(id));
  return acceptOperation(request, {
    resource: id,
    location: machine.location ?? '',
    operation: { seconds: 5, effects: [], leadsTo: 'nothing' },
  });
}

const COMMAND = `${RESOURCE_GROUP}/providers/${RESOURCE_TYPES.virtualMachine}/{name}/runCommands/{command}`;
const withMachine =
  (go: (request: ArmRequest, machine: Resource, command: string) => SimulatorResponse) =>
  (request: ArmRequest, names: PathParameters): SimulatorResponse | undefined =>
    withResource(request, RESOURCE_TYPES.virtualMachine, names, (machine) =>
      go(request, machine, names['command'] ?? ''),
    );

export const managedRunCommandRoutes: readonly ArmRoute[] = [
  put(COMMAND, withMachine(runManagedCommand)),
  get(
    COMMAND,
    withMachine((request, machine, name) => {
      const found = request.world.keyValues.get(storeKey(`${machine.id}/runCommands/${name}`)) as
        ManagedRunCommand | undefined;
      return found
        ? ok(bodyOf(found, request.now, /instanceView/i.test(request.query.get('$expand') ?? '')))
        : resourceNotFound(MANAGED_RUN_COMMAND, `${machine.name}/${name}`, '');
    }),
  ),
  remove(COMMAND, withMachine(removeCommand)),
];

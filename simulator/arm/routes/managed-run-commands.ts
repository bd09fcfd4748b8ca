// Managed run commands: scripts that stand as resources below a machine, run by its agent, with
// what they wrote.

import * as z from 'zod';

import type { Answer } from '../../wire/exchange.ts';
import { armError, invalidRequest, noContent, ok, resourceNotFound } from '../answers.ts';
import { powerOf } from '../conditions.ts';
import { acceptedWork, createdWork } from '../follow.ts';
import { atResource } from '../kinds.ts';
import { get, GROUP, put, remove, type ArmRequest, type ArmRoute, type Names } from '../request.ts';
import { RunCommands, type RunOutcome } from '../run-commands.ts';
import { MANAGED_RUN_COMMAND, TYPES } from '../types.ts';
import type { Resource } from '../resource.ts';

interface Managed {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  readonly source: { readonly script: string };
  readonly asyncExecution: boolean;
  readonly timeoutInSeconds: number;
  readonly startedAt: number;
  readonly outcome: RunOutcome;
  /** The machine's agent never took it. */
  readonly silent: boolean;
}

const NOTE = 'managed-run-command:';
/** Until the agent has it; and so long Azure waits for an agent that does not answer. */
const TAKING_MS = 10_000;
const SILENT_MS = 90_000;
const NINETY_MINUTES = 5400;
/** What Azure keeps of what a script writes. */
const KEPT = 4096;

const bodyShape = z.looseObject({
  location: z.string(),
  properties: z.looseObject({
    source: z.looseObject({ script: z.string() }),
    asyncExecution: z.boolean().default(false),
    timeoutInSeconds: z.int().positive().default(NINETY_MINUTES),
  }),
});

const noteOf = (id: string): string => `${NOTE}${id.toLowerCase()}`;
const endOf = ({ startedAt, outcome, timeoutInSeconds }: Managed): number =>
  startedAt + TAKING_MS + Math.min(outcome.seconds, timeoutInSeconds) * 1000;

function stateOf(command: Managed, now: number): string {
  if (command.silent || now < command.startedAt + TAKING_MS) return 'Pending';
  if (now < endOf(command)) return 'Running';
  if (command.outcome.seconds > command.timeoutInSeconds) return 'TimedOut';
  return command.outcome.exitCode === 0 ? 'Succeeded' : 'Failed';
}

function provisioningOf(command: Managed, now: number): string {
  const taken = command.asyncExecution ? command.startedAt + TAKING_MS : endOf(command);
  if (command.silent || command.outcome.error)
    return now < command.startedAt + SILENT_MS ? 'Creating' : 'Failed';
  return now < taken ? 'Creating' : 'Succeeded';
}

function viewOf(command: Managed, now: number) {
  const executionState = stateOf(command, now);
  const over = executionState === 'Succeeded' || executionState === 'Failed';
  const time = (at: number): string => new Date(at).toISOString();
  const failure = command.silent
    ? 'VM has not reported status for VM agent or extensions.'
    : command.outcome.error?.message;
  return {
    executionState,
    executionMessage: failure !== undefined && provisioningOf(command, now) === 'Failed' ? failure : '',
    exitCode: over ? command.outcome.exitCode : 0,
    output: over ? command.outcome.stdout.slice(-KEPT) : '',
    error: over ? command.outcome.stderr.slice(-KEPT) : '',
    startTime: time(command.startedAt + TAKING_MS),
    ...(over && { endTime: time(endOf(command)) }),
  };
}

const bodyOf = (command: Managed, now: number, withView: boolean) => ({
  id: command.id,
  name: command.name,
  type: MANAGED_RUN_COMMAND,
  location: command.location,
  properties: {
    source: command.source,
    asyncExecution: command.asyncExecution,
    timeoutInSeconds: command.timeoutInSeconds,
    provisioningState: provisioningOf(command, now),
    ...(withView && { instanceView: viewOf(command, now) }),
  },
});

function run(request: ArmRequest, machine: Resource, name: string): Answer {
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
  const isNew = world.notes.get(noteOf(id)) === undefined;
  return world.transaction(() => {
    const outcome = new RunCommands(world).run({
      vm: machine.name,
      id: machine.id,
      commandId: `runCommands/${name}`,
      script: source.script.split('\n'),
      parameters: {},
      at: now,
    });
    const command: Managed = {
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
    world.notes.put(noteOf(id), command);
    return createdWork(
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

function removeOne(request: ArmRequest, machine: Resource, name: string): Answer {
  const id = `${machine.id}/runCommands/${name}`;
  if (request.world.notes.get(noteOf(id)) === undefined) return noContent;
  request.world.notes.remove(noteOf(id));
  return acceptedWork(request, {
    resource: id,
    location: machine.location ?? '',
    operation: { seconds: 5, effects: [], leadsTo: 'nothing' },
  });
}

const COMMAND = `${GROUP}/providers/${TYPES.virtualMachine}/{name}/runCommands/{command}`;
const at =
  (go: (request: ArmRequest, machine: Resource, command: string) => Answer) =>
  (request: ArmRequest, names: Names): Answer | undefined =>
    atResource(request, TYPES.virtualMachine, names, (machine) =>
      go(request, machine, names['command'] ?? ''),
    );

export const managedRunCommandRoutes: readonly ArmRoute[] = [
  put(COMMAND, at(run)),
  get(
    COMMAND,
    at((request, machine, name) => {
      const found = request.world.notes.get(noteOf(`${machine.id}/runCommands/${name}`)) as
        Managed | undefined;
      return found
        ? ok(bodyOf(found, request.now, /instanceView/i.test(request.query.get('$expand') ?? '')))
        : resourceNotFound(MANAGED_RUN_COMMAND, `${machine.name}/${name}`, '');
    }),
  ),
  remove(COMMAND, at(removeOne)),
];

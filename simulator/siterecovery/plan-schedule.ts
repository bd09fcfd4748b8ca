// Plans a run of a recovery plan. The phases follow each other, and each phase has a job for every
// machine.

import { randomUUID } from 'node:crypto';

import type { PlanAction, PlanRecord } from './configuration-records.ts';
import type { PlanRow } from './plan-table.ts';
import type { GroupMember, ItemRecord, JobError, PlannedTask, TaskGroup } from './records.ts';
import { operationRow, type PlanPhases, type ProviderTable } from './provider-table.ts';
import type { JobSchedule } from './job-schedule.ts';
import { parseFabricName, isSameName } from './vault.ts';

const CHECK_SECONDS = 8;
const NETWORK_SECONDS = 20;
const ACTION_SECONDS = 30;
const END_SECONDS = 2;

export interface PlanRunOptions {
  readonly plan: PlanRecord;
  readonly row: PlanRow;
  readonly operation: string;
  /** The items that take part. */
  readonly members: readonly ItemRecord[];
  readonly table: ProviderTable;
  readonly phases: PlanPhases;
  readonly shutsDown: boolean;
  /** Returns the ordered error for an action of this name. */
  readonly failureOf: (action: string) => JobError | undefined;
  readonly now: number;
}

/** Collects tasks, each after the previous task. */
class TaskSequence {
  readonly tasks: PlannedTask[] = [];
  #at: number;
  #waiting = false;

  constructor(now: number) {
    this.#at = now;
  }

  add(name: string, friendlyName: string, seconds: number, more: Partial<PlannedTask> = {}): void {
    const startsAt = this.#at;
    this.#at += seconds * 1000;
    const waits = more.waits !== undefined;
    this.tasks.push({
      taskId: randomUUID(),
      name,
      friendlyName,
      startsAt,
      endsAt: waits ? null : this.#at,
      skipped: false,
      childJob: null,
      ...more,
    });
    this.#waiting ||= waits;
  }

  get schedule(): JobSchedule {
    return { tasks: this.tasks, endsAt: this.#waiting ? null : this.#at };
  }
}

const bootGroups = ({ groups }: PlanRecord) => groups.filter(({ groupType }) => groupType === 'Boot');

const membersOf = (keys: readonly string[] | undefined, { members }: PlanRunOptions): GroupMember[] =>
  members
    .filter(({ key }) => keys === undefined || keys.includes(key))
    .map(({ key, name }) => ({ item: key, name, job: randomUUID() }));

function addGroup(
  line: TaskSequence,
  run: PlanRunOptions,
  name: string,
  friendlyName: string,
  group: Omit<TaskGroup, 'name' | 'members'>,
  members: readonly GroupMember[],
): void {
  const seconds = operationRow(run.table, group.operation).seconds[1] + 5;
  line.add(name, friendlyName, seconds, { group: { ...group, name: friendlyName, members } });
}

/** Returns the direction of this run: its machines may be on either side by now. */
const runDirection = ({ plan, members }: PlanRunOptions): string =>
  members[0] && isSameName(members[0].place.fabric, parseFabricName(plan.primaryFabricId) ?? '')
    ? 'PrimaryToRecovery'
    : 'RecoveryToPrimary';

const includesName = (words: readonly string[], wanted: string): boolean =>
  words.length === 0 || words.some((word) => word.toLowerCase() === wanted.toLowerCase());

/**
 * Adds the actions that match the kind and the direction of the run. A manual action waits for a
 * person. A script or a runbook runs, and the plan continues even if it fails.
 */
function addActions(line: TaskSequence, run: PlanRunOptions, actions: readonly PlanAction[]): void {
  const direction = runDirection(run);
  for (const { actionName, customDetails } of actions.filter(
    ({ failoverTypes, failoverDirections }) =>
      includesName(failoverTypes, run.operation) && includesName(failoverDirections, direction),
  )) {
    if (customDetails.instanceType === 'ManualActionDetails') {
      line.add(actionName, actionName, 0, {
        waits: typeof customDetails['description'] === 'string' ? customDetails['description'] : '',
      });
      continue;
    }
    const failure = run.failureOf(actionName);
    line.add(actionName, actionName, ACTION_SECONDS, { action: customDetails, ...(failure && { failure }) });
  }
}

export function scheduleRun(run: PlanRunOptions): JobSchedule {
  const { phases, plan, row } = run;
  const line = new TaskSequence(run.now);
  const memberCount = run.members.length;
  line.add('RpSrsPrerequisitesCheck', 'Prerequisites check for the recovery plan', CHECK_SECONDS);
  if (row.createsNetwork) line.add('RpTfoNetworkCreation', 'Preparing the test network', NETWORK_SECONDS);
  if (phases.shutdown !== undefined && run.shutsDown) {
    addGroup(
      line,
      run,
      'ShutdownAllActionGroup',
      `All groups shutdown (${memberCount})`,
      { type: 'RecoveryPlanShutdownGroupTaskDetails', rpGroupType: 'Shutdown', operation: phases.shutdown },
      membersOf(undefined, run),
    );
  }
  if (phases.failover !== undefined) {
    addGroup(
      line,
      run,
      'FailoverAllActionGroup',
      row.groupName ?? '',
      { type: 'RecoveryPlanGroupTaskDetails', rpGroupType: 'RpFailoverTask', operation: phases.failover },
      membersOf(undefined, run),
    );
  }
  for (const [index, group] of bootGroups(plan).entries()) {
    addActions(line, run, group.startGroupActions);
    const members = membersOf(group.items, run);
    if (phases.boot !== undefined && members.length > 0) {
      const friendlyName = `Group ${index + 1}: Start (${members.length})`;
      addGroup(
        line,
        run,
        `Group${index + 1}`,
        friendlyName,
        { type: 'RecoveryPlanGroupTaskDetails', rpGroupType: 'BootGroup', operation: phases.boot },
        members,
      );
    }
    addActions(line, run, group.endGroupActions);
  }
  line.add('EndRecoveryPlanTask', 'Finalizing the recovery plan', END_SECONDS);
  return line.schedule;
}

// Runs recovery plans: one job for the plan, and one job for each machine in every phase.

import { randomUUID } from 'node:crypto';

import type { FaultAction } from '../wire/fault.ts';
import type { JobEngine } from './job-engine.ts';
import { anotherOperationRuns, requestedError, partOfPlanFailed, providerRefuses } from './errors.ts';
import type { PlanRecord } from './configuration-records.ts';
import { seededDuration, guidOf } from './ids.ts';
import { endingByFault, type ItemJobs } from './item-jobs.ts';
import { scheduleRun } from './plan-schedule.ts';
import { memberOperationOf, planRow, planTable } from './plan-table.ts';
import type { Provider } from './provider.ts';
import type {
  DueEvent,
  Ending,
  ItemRecord,
  JobError,
  JobRecord,
  JobTarget,
  PlannedTask,
  ProviderInput,
} from './records.ts';
import type { SiteRecoveryStore } from './store.ts';
import { operationRow, type Change, type OperationRow } from './provider-table.ts';
import { scheduleTasks, type JobSchedule } from './job-schedule.ts';
import type { Vault, Vaults } from './vault.ts';
import { activityIdOf, type JobStart, type ChangeOutcome, type JobHandler } from './job-handler.ts';

export const PLANS_TABLE = 'plans';
const REFUSAL_SECONDS = [15, 40] as const;

/** The input of a plan's job. */
export interface PlanInput {
  readonly plan?: PlanRecord;
  readonly input?: ProviderInput;
  readonly members?: readonly string[];
  readonly faults?: Readonly<Record<string, FaultAction>>;
  /** Ordered faults of the plan's own actions, by action name. */
  readonly actionFaults?: Readonly<Record<string, FaultAction>>;
}

export interface PlanWrite {
  readonly vault: Vault;
  readonly plan: PlanRecord;
  readonly operation: string;
  readonly input: ProviderInput;
  readonly activityId: string;
  /** Returns the ordered fault for a machine, a script or a runbook. */
  readonly fault: (name: string) => FaultAction | undefined;
  /** Continues with the machines that fell behind. */
  readonly isRestart?: true;
  readonly now: number;
}

const faultError = (action: FaultAction | undefined): JobError | undefined =>
  action?.kind === 'fail' ? requestedError(action.code, action.message) : undefined;

const planInputOf = (job: Pick<JobRecord, 'input'>): PlanInput => job.input as PlanInput;

export class PlanJobs implements JobHandler {
  readonly #store: SiteRecoveryStore;
  readonly #vaults: Vaults;
  readonly #items: ItemJobs;
  readonly #engine: () => JobEngine;

  constructor(store: SiteRecoveryStore, vaults: Vaults, items: ItemJobs, engine: () => JobEngine) {
    this.#store = store;
    this.#vaults = vaults;
    this.#items = items;
    this.#engine = engine;
  }

  /** Saves, changes or deletes a plan. */
  write(
    vault: Vault,
    operation: string,
    name: string,
    plan: PlanRecord | undefined,
    activityId: string,
    now: number,
  ): JobRecord {
    const input: PlanInput = plan ? { plan } : {};
    return this.#engine().begin({
      id: randomUUID(),
      vault: vault.key,
      table: PLANS_TABLE,
      operation,
      subject: name,
      input,
      ending: { kind: 'succeeds' },
      activityId,
      now,
      parent: null,
    });
  }

  /** Runs a plan. */
  accept(write: PlanWrite): JobRecord {
    const { vault, plan, operation, activityId, now } = write;
    const members = this.#membersOf(write);
    const problem = this.#problemOf(write, members);
    const ending: Ending = problem ? { kind: 'refused', error: problem } : { kind: 'succeeds' };
    const faults = problem
      ? {}
      : Object.fromEntries(
          members.flatMap((item) => {
            const action = write.fault(this.#items.providerOf(item).friendlyName(item));
            return action ? [[item.key, action]] : [];
          }),
        );
    const actions = problem
      ? []
      : plan.groups.flatMap(({ startGroupActions, endGroupActions }) => [
          ...startGroupActions,
          ...endGroupActions,
        ]);
    const actionFaults = Object.fromEntries(
      actions.flatMap(({ actionName }) => {
        const action = write.fault(actionName);
        return action ? [[actionName, action]] : [];
      }),
    );
    const input: PlanInput = {
      input: write.input,
      members: members.map(({ key }) => key),
      faults,
      actionFaults,
    };
    return this.#engine().begin({
      id: randomUUID(),
      vault: vault.key,
      table: PLANS_TABLE,
      operation,
      subject: plan.name,
      input,
      ending,
      activityId,
      now,
      parent: null,
    });
  }

  itemsOf({ groups }: PlanRecord): ItemRecord[] {
    return groups.flatMap(({ items }) => items).flatMap((key) => this.#store.item(key) ?? []);
  }

  providersOf(plan: PlanRecord): Provider[] {
    return [...new Set(this.itemsOf(plan).map((item) => this.#items.providerOf(item)))];
  }

  /** Returns the operation of the machine's provider for an operation of the plan. */
  #memberOperation(operation: string, item: ItemRecord, input: ProviderInput): string {
    const provider = this.#items.providerOf(item);
    const own = memberOperationOf(operation, provider.table);
    return provider.variantOf?.(own, item, input) ?? own;
  }

  /** `operation` is the plan's. */
  #ready(item: ItemRecord, operation: string, input: ProviderInput): boolean {
    const { table } = this.#items.providerOf(item);
    const { needs } = operationRow(table, this.#memberOperation(operation, item, input));
    return needs === undefined || (table.states[item.state]?.allowedOperations.includes(needs) ?? false);
  }

  #membersOf({ plan, operation, input, isRestart }: PlanWrite): ItemRecord[] {
    const { allowsPartial } = planRow(operation);
    const all = this.itemsOf(plan);
    return allowsPartial || isRestart ? all.filter((item) => this.#ready(item, operation, input)) : all;
  }

  #problemOf(write: PlanWrite, members: readonly ItemRecord[]): JobError | undefined {
    const { plan, operation, vault, input, now } = write;
    const { needs } = planRow(operation);
    const allowed = this.allowedOperations(plan);
    if (needs !== undefined && !allowed.includes(needs)) {
      return providerRefuses(
        this.providersOf(plan)[0]?.instanceType ?? '',
        `${needs} is not allowed in the present state of the recovery plan.`,
        `Run an allowed operation: ${allowed.join(', ')}.`,
      );
    }
    if (members.length === 0) return partOfPlanFailed([plan.name]);
    if (members.some(({ busyWith }) => busyWith !== null)) return anotherOperationRuns();
    const names = new Set(members.map(({ key }) => key));
    const memberOperation = (item: ItemRecord): string => this.#memberOperation(operation, item, input);
    const memberRow = (item: ItemRecord): OperationRow =>
      operationRow(this.#items.providerOf(item).table, memberOperation(item));
    const missingMembers = members
      .flatMap((item) => this.#items.groupCompanions(item, memberRow(item)))
      .filter(({ key }) => !names.has(key));
    if (missingMembers.length > 0)
      return partOfPlanFailed([...new Set(missingMembers.map(({ name }) => name))]);
    const memberInput = (item: ItemRecord) =>
      this.#items.providerOf(item).memberInput(memberOperation(item), item, input, vault);
    const unready = members.filter((item) =>
      this.#items.findProblem({
        vault,
        item,
        operation: memberOperation(item),
        input: memberInput(item),
        parent: plan.name,
        now,
      }),
    );
    return unready.length > 0 ? partOfPlanFailed(unready.map(({ name }) => name)) : undefined;
  }

  /**
   * Returns the operations that the machines' providers offer for plans. The states of the machines
   * do not matter.
   */
  allowedOperations(plan: PlanRecord): string[] {
    const { additionalOperations = [], onlyOperations } = planTable.states[plan.state] ?? {};
    if (onlyOperations) return [...onlyOperations];
    const offered = ['plannedFailover', 'unplannedFailover', 'testFailover'].filter((operation) =>
      this.providersOf(plan).every(({ table }) => operation in table.planPhases),
    );
    return [...offered.map((name) => planRow(name).needs ?? name), ...additionalOperations];
  }

  row(_table: string, operation: string): OperationRow {
    return planRow(operation);
  }

  target({ vault, subject }: JobStart): JobTarget {
    return {
      id: guidOf(vault, 'plan', subject),
      name: subject,
      instanceType: 'RecoveryPlan',
      affectedObjects: {},
    };
  }

  scheduleJob(beginning: JobStart): JobSchedule {
    const { id, vault, operation, subject, ending, now } = beginning;
    const row = planRow(operation);
    const { members = [], input, actionFaults = {} } = planInputOf(beginning);
    const plan = this.#store.findConfiguration(vault, 'plan', subject);
    if (row.memberOperation === undefined || !plan || members.length === 0) {
      const duration = seededDuration(ending.kind === 'refused' ? REFUSAL_SECONDS : row.seconds, id);
      return scheduleTasks(row, {
        startsAt: now,
        duration,
        ending,
        isSkipped: () => false,
        childJob: () => null,
      });
    }
    const items = members.flatMap((key) => this.#store.item(key) ?? []);
    const { table, conditions } = this.#items.providerOf(items[0] as ItemRecord);
    const shutsDown = !(conditions['sourceIsLeftRunning']?.(items[0] as ItemRecord, input ?? {}) ?? true);
    const schedule = scheduleRun({
      plan,
      row,
      operation,
      members: items,
      table,
      phases: table.planPhases[operation] ?? {},
      shutsDown,
      failureOf: (name) => faultError(actionFaults[name]),
      now,
    });
    return ending.kind === 'refused'
      ? { tasks: schedule.tasks, endsAt: now + seededDuration(REFUSAL_SECONDS, id) }
      : schedule;
  }

  onAccepted(job: JobRecord): void {
    for (const item of this.#taking(job)) {
      if (item.serviceJob !== null) this.#engine().cancel(item.serviceJob, job.acceptedAt);
      this.#store.putItem({ ...item, busyWith: job.id, serviceJob: null, operations: item.operations + 1 });
    }
    this.#note(job, {
      scenarioName: planRow(job.operation).scenarioName,
      jobId: job.id,
      startTime: job.acceptedAt,
      status: 'InProgress',
      description: 'InProgress',
    });
  }

  onShown(job: JobRecord): void {
    const { scenarioName } = planRow(job.operation);
    for (const item of this.#taking(job)) {
      if (item.busyWith === job.id)
        this.#store.putItem({ ...item, shown: { jobId: job.id, scenarioName, startTime: job.acceptedAt } });
    }
  }

  onTaskStart(task: PlannedTask, job: JobRecord, due: DueEvent): void {
    if (!task.group || task.endsAt === null) return;
    const { operation, members } = task.group;
    const { input = {}, faults = {} } = planInputOf(job);
    for (const member of members) {
      const item = this.#store.item(member.item);
      // A machine that fell behind in an earlier phase does not take part.
      if (!item || this.#failed(job, item.key)) continue;
      const provider = this.#items.providerOf(item);
      const row = operationRow(provider.table, operation);
      const isFailover = task.group.rpGroupType === 'RpFailoverTask';
      const fault = isFailover ? faults[item.key] : undefined;
      // The jobs of the members end at different times. Their shared point is of one moment.
      const memberInput = isFailover ? { ...input, sharedPointUpTo: due.at } : input;
      const seconds = Math.min((task.endsAt - due.at) / 1000 - 1, row.seconds[1]);
      this.#engine().beginByService({
        id: member.job,
        vault: job.vault,
        table: provider.instanceType,
        operation,
        subject: item.key,
        input: provider.memberInput(operation, item, memberInput, this.#vaults.require(job.vault)),
        ending: endingByFault(row, fault),
        now: due.at,
        parent: job.id,
        duration: Math.max(1000, seededDuration([Math.min(row.seconds[0], seconds), seconds], member.job)),
      });
    }
  }

  applyChange({ effect }: Change, job: JobRecord, at: number): ChangeOutcome {
    const { plan } = planInputOf(job);
    if (effect === 'put' && plan) this.#store.putConfiguration(job.vault, 'plan', plan);
    if (effect === 'remove') this.#store.removeConfiguration(job.vault, 'plan', job.subject);
    return effect === 'endRun' ? this.#endRun(job, at) : {};
  }

  onEnded(job: JobRecord, at: number): void {
    for (const { group } of job.tasks) {
      for (const { job: child } of group?.members ?? [])
        if (job.state !== 'Succeeded') this.#engine().cancel(child, at);
    }
    for (const item of this.#taking(job)) {
      const now = this.#store.item(item.key);
      if (now?.busyWith === job.id) this.#items.releaseItem(now, at);
    }
  }

  restart({ vault: key, operation, subject, input }: JobRecord, now: number): void {
    const vault = this.#vaults.require(key);
    const plan = this.#store.findConfiguration(key, 'plan', subject);
    const activityId = activityIdOf({ clientRequestId: randomUUID(), correlationId: randomUUID() });
    if (plan && planRow(operation).memberOperation !== undefined)
      this.accept({
        vault,
        plan,
        operation,
        input: (input as PlanInput).input ?? {},
        activityId,
        fault: () => undefined,
        isRestart: true,
        now,
      });
  }

  #taking(job: JobRecord): ItemRecord[] {
    return (planInputOf(job).members ?? []).flatMap((key) => this.#store.item(key) ?? []);
  }

  #childrenOf(job: JobRecord, item?: string): JobRecord[] {
    const members = job.tasks
      .flatMap(({ group }) => group?.members ?? [])
      .filter((member) => item === undefined || member.item === item);
    return members.flatMap((member) => this.#store.job(member.job) ?? []);
  }

  #failed(job: JobRecord, item: string): boolean {
    return this.#childrenOf(job, item).some(
      ({ state }) => state === 'Failed' || state === 'Cancelled' || state === 'InProgress',
    );
  }

  #endRun(job: JobRecord, at: number): ChangeOutcome {
    const row = planRow(job.operation);
    const members = planInputOf(job).members ?? [];
    const behind = members.filter((key) => this.#failed(job, key));
    const arrived = behind.length < members.length && job.ending.kind === 'succeeds';
    const [status, description] = arrived ? (row.status ?? ['Succeeded', 'Completed']) : ['Failed', 'Failed'];
    const plan = this.#store.findConfiguration(job.vault, 'plan', job.subject);
    if (plan && arrived) {
      this.#store.putConfiguration(job.vault, 'plan', {
        ...plan,
        state: row.to ?? plan.state,
        lastTestFailover: row.to === 'testing' ? at : plan.lastTestFailover,
        ...(row.to === 'failedOver' && {
          [job.operation === 'unplannedFailover' ? 'lastUnplannedFailover' : 'lastPlannedFailover']: at,
        }),
      });
    }
    this.#note(job, {
      scenarioName: row.scenarioName,
      jobId: job.id,
      startTime: job.acceptedAt,
      status,
      description,
    });
    const children = this.#childrenOf(job);
    const warning = children.flatMap(({ warnings }) => warnings)[0];
    const details = this.#details(children, row);
    const ofAction = job.tasks.find((task) => task.failure)?.failure;
    const failure =
      behind.length > 0
        ? partOfPlanFailed(behind.flatMap((key) => this.#store.item(key)?.name ?? []))
        : ofAction;
    if (!arrived) return failure && job.ending.kind === 'succeeds' ? { error: failure } : {};
    return {
      ...(details && { details }),
      ...(failure ? { warning: failure, incomplete: true } : warning && { warning }),
    };
  }

  /** Collects the details of the machines' jobs. */
  #details(
    children: readonly JobRecord[],
    { outcomeAtFirst }: OperationRow,
  ): Record<string, unknown> | undefined {
    if (!('protectedItemDetails' in outcomeAtFirst)) return undefined;
    const listed = children.filter(
      ({ outcome }) =>
        Array.isArray(outcome['protectedItemDetails']) && outcome['protectedItemDetails'].length > 0,
    );
    return {
      ...listed[0]?.outcome,
      protectedItemDetails: listed.flatMap(({ outcome }) => outcome['protectedItemDetails'] as unknown[]),
    };
  }

  #note(job: JobRecord, run: NonNullable<PlanRecord['run']>): void {
    const plan = this.#store.findConfiguration(job.vault, 'plan', job.subject);
    if (plan && planRow(job.operation).memberOperation !== undefined)
      this.#store.putConfiguration(job.vault, 'plan', { ...plan, run });
  }
}

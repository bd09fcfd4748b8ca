// The list of all scenario drivers. All other code finds the driver of a VM, a step, an item or a
// goal here. A new scenario needs a folder, a name in core/scenario.ts and a line here.
import type { Policy, ReplicationProtectedItem } from '@azure/arm-recoveryservices-siterecovery';
import type * as z from 'zod';
import { rejected, transient, type LifeboatError } from '../core/errors.ts';
import type { Scenario } from '../core/scenario.ts';
import {
  isPhaseOperation,
  type Direction,
  type Operation,
  type Phase,
  type PhaseOperation,
} from '../core/operations.ts';
import type { ReplicatedItem } from '../siterecovery/item.ts';
import { azureToAzure } from './azureToAzure/driver.ts';
import type {
  Capabilities,
  ScenarioGoal,
  PhasesByOperation,
  PolicyValues,
  ScenarioDriver,
  TypicalSeconds,
} from './driver.ts';
import type { CommonRequest, EnablingSupport } from './enabling/support.ts';
import {
  SiteEnableFields,
  SiteEnableRequest,
  SitePrepareFields,
  SitePrepareRequest,
  SiteVmSettings,
} from './hyperVToAzure/enabling/request.ts';
import { hyperVToAzure } from './hyperVToAzure/driver.ts';
import {
  VmwareEnableFields,
  VmwareEnableRequest,
  VmwarePrepareFields,
  VmwarePrepareRequest,
  VmwareVmSettings,
} from './vmwareToAzure/enabling/request.ts';
import { vmwareToAzure } from './vmwareToAzure/driver.ts';
import type { VmState, ItemState } from './lifecycle.ts';
import type { OperationRule } from './operationRule.ts';
import {
  EnableFields,
  EnableRequest,
  MultiVmGroupRequest,
  PrepareFields,
  PrepareRequest,
  SourceVmIds,
  TargetRequest,
  VmSettingsRequest,
} from './azureToAzure/enabling/request/request.ts';
import { vmRequestsOf } from './azureToAzure/enabling/request/vmRequest.ts';

const driversByName: Readonly<Record<Scenario, ScenarioDriver>> = {
  azureToAzure,
  vmwareToAzure,
  hyperVToAzure,
};

/** The schemas of requests to enable replication. */
export {
  EnableFields,
  EnableRequest,
  MultiVmGroupRequest,
  PrepareFields,
  PrepareRequest,
  SiteEnableFields,
  SiteEnableRequest,
  SitePrepareFields,
  SitePrepareRequest,
  SiteVmSettings,
  SourceVmIds,
  TargetRequest,
  VmSettingsRequest,
  vmRequestsOf,
  VmwareEnableFields,
  VmwareEnableRequest,
  VmwarePrepareFields,
  VmwarePrepareRequest,
  VmwareVmSettings,
};

const goalOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && 'goal' in body ? body.goal : undefined;
const namesGoal = (body: unknown, fields: { readonly shape: { readonly goal: z.ZodType } }): boolean =>
  fields.shape.goal.safeParse(goalOf(body)).success;

/** The kind of machines that a request to enable names, by its goal. */
export type MachineKind = 'azure' | 'site' | 'vmware';
/** The kind of machines in the body of a request. */
export function machineKindOf(body: unknown): MachineKind {
  if (namesGoal(body, SiteEnableFields)) return 'site';
  return namesGoal(body, VmwareEnableFields) ? 'vmware' : 'azure';
}

const ENABLE_REQUESTS = {
  azure: EnableRequest,
  site: SiteEnableRequest,
  vmware: VmwareEnableRequest,
} as const;
const PREPARE_REQUESTS = {
  azure: PrepareRequest,
  site: SitePrepareRequest,
  vmware: VmwarePrepareRequest,
} as const;
/** The schema of a request to enable that fits the body. */
export const enableRequestFor = (body: unknown): (typeof ENABLE_REQUESTS)[MachineKind] =>
  ENABLE_REQUESTS[machineKindOf(body)];
/** The schema of a request to prepare that fits the body. */
export const prepareRequestFor = (body: unknown): (typeof PREPARE_REQUESTS)[MachineKind] =>
  PREPARE_REQUESTS[machineKindOf(body)];

/** All drivers, including those that can only read. */
export const drivers: readonly ScenarioDriver[] = Object.values(driversByName);

const supports = ({ capabilities }: ScenarioDriver, operation: Operation): boolean =>
  capabilities?.operations.includes(operation) ?? false;

/** The drivers that can enable replication. Goals, choices and documents name only these scenarios. */
export const enablingDrivers: readonly ScenarioDriver[] = drivers.filter((driver) =>
  supports(driver, 'enableReplication'),
);
const [firstEnablingDriver] = enablingDrivers;
if (!firstEnablingDriver) throw new Error('No driver can enable replication.');
/** The driver for a case without a scenario, such as a document without a VM. */
export const defaultDriver: ScenarioDriver = firstEnablingDriver;

/** Returns the driver of a scenario; throws for a name that only a newer build knows. */
export const driverOf = (scenario: Scenario): ScenarioDriver => {
  if (Object.hasOwn(driversByName, scenario)) return driversByName[scenario];
  throw transient(
    'DocumentTooNew',
    `This build of Lifeboat has no driver for the scenario "${scenario}". A newer build wrote that name. ` +
      'Nothing was started. Finish the deployment of the newer build.',
  );
};

/** True when the driver serves this source and target. */
export const matchesGoal = ({ replicationGoals }: ScenarioDriver, { protect, to }: ScenarioGoal): boolean =>
  replicationGoals.some((goal) => goal.protect === protect && goal.to === to);

/** Returns the driver for this goal. Without a fitting driver, the preview uses the default driver. */
export const enablingDriverFor = (goal: ScenarioGoal): ScenarioDriver =>
  enablingDrivers.find((driver) => matchesGoal(driver, goal)) ?? defaultDriver;

/** Returns the enabling of the driver for this goal. */
export function enablingFor(goal: ScenarioGoal): EnablingSupport<CommonRequest> {
  const driver = enablingDriverFor(goal);
  return requireCapabilities(driver.name).enabling;
}

const driverOfType = (type: string): ScenarioDriver | undefined =>
  drivers.find(({ instanceTypes }) => instanceTypes.includes(type));

/**
 * Converts an SDK item. Returns undefined for an item that Lifeboat cannot act on; such an item
 * does not affect the others.
 */
export function readItem(raw: ReplicationProtectedItem): ReplicatedItem | undefined {
  const type = raw.properties?.providerSpecificDetails?.instanceType ?? '';
  const driver = driverOfType(type);
  return driver?.capabilities ? driver.readItem(raw) : undefined;
}

/** Reads a policy. Returns undefined for a policy of a scenario that Lifeboat cannot act in. */
export function readPolicy(raw: Policy): PolicyValues | undefined {
  const type = raw.properties?.providerSpecificDetails?.instanceType ?? '';
  return driverOfType(type)?.capabilities?.readPolicy(raw);
}

/** Creates the error for an operation that Lifeboat cannot run in this scenario. */
export function scenarioNotSupported(scenario: Scenario, operation: string): LifeboatError {
  return rejected(
    422,
    'ScenarioNotPossibleYet',
    `Lifeboat cannot perform ${operation} in the scenario "${driverOf(scenario).title}" yet. Nothing was ` +
      'started. Use Site Recovery itself, such as in the Azure portal.',
  );
}

/** Returns the scenario's capabilities. Throws when Lifeboat can only read its VMs. */
export function requireCapabilities(scenario: Scenario): Capabilities {
  const { capabilities } = driverOf(scenario);
  if (!capabilities) throw scenarioNotSupported(scenario, 'any operation');
  return capabilities;
}

/**
 * Throws unless the driver supports the phase. Steps call this before any request. The actions of a
 * plan belong to no scenario.
 */
export function assertPhaseSupported({ scenario, phase }: ScenarioPhase): void {
  const { capabilities } = driverOf(scenario);
  if (phase === 'action' || (capabilities && !isPhaseOperation(phase))) return;
  if (!capabilities || !supports(driverOf(scenario), phase as PhaseOperation))
    throw scenarioNotSupported(scenario, phase);
}

interface OfVm {
  readonly scenario: Scenario;
  readonly direction: Direction;
  readonly seen: ItemState;
}

/** Returns the lifecycle state of a VM from its item. */
export const vmStateOf = ({ scenario, seen }: Pick<OfVm, 'scenario' | 'seen'>): VmState =>
  driverOf(scenario).vmStateOf(seen);

/** Returns the operations that Lifeboat can start on the VM now. */
export function allowedOperations({ scenario, direction, seen }: OfVm): readonly Operation[] {
  const driver = driverOf(scenario);
  return driver.lifecycle[driver.vmStateOf(seen)][direction].filter((operation) =>
    supports(driver, operation),
  );
}

/** The code of a refusal to start an operation. */
export type RefusalReason = 'ScenarioNotPossibleYet' | 'OperationNotAllowed';
/**
 * Returns the reason against an operation on a VM in this state; undefined when the operation may
 * start.
 */
export function refusalReasonOf(vm: OfVm, operation: Operation): RefusalReason | undefined {
  if (!supports(driverOf(vm.scenario), operation)) return 'ScenarioNotPossibleYet';
  return allowedOperations(vm).includes(operation) ? undefined : 'OperationNotAllowed';
}

/**
 * Returns the phases of an operation. A plan's graph exists before its VMs are known. Without a
 * scenario, the result covers every driver that supports the operation.
 */
export function phasesOf(operation: keyof PhasesByOperation, scenario?: Scenario): readonly PhaseOperation[] {
  const candidates = scenario === undefined ? drivers : [driverOf(scenario)];
  return [
    ...new Set(
      candidates.filter((driver) => supports(driver, operation)).flatMap(({ phases }) => phases[operation]),
    ),
  ];
}

const PREREQUISITE_SECONDS: TypicalSeconds = { job: 60, settle: 10 };
/** Returns the typical durations of a phase; without a scenario those of the default driver. */
export function typicalSecondsOf(phase: Phase, scenario?: Scenario): TypicalSeconds {
  if (!isPhaseOperation(phase)) return PREREQUISITE_SECONDS;
  return (scenario === undefined ? defaultDriver : driverOf(scenario)).typicalSeconds[phase];
}

interface ScenarioPhase {
  readonly scenario: Scenario;
  readonly phase: Phase;
}

/** Returns the rule of an operation, or throws when the scenario has none. */
export function ruleFor(scenario: Scenario, operation: PhaseOperation): OperationRule {
  const rule = driverOf(scenario).rules[operation];
  if (!rule) throw scenarioNotSupported(scenario, operation);
  return rule;
}

/**
 * Returns the possible names of the Site Recovery job that a step starts. Empty for a prerequisite:
 * only request ids identify its jobs.
 */
export const siteRecoveryJobNamesOf = ({ scenario, phase }: ScenarioPhase): readonly string[] =>
  isPhaseOperation(phase) ? ruleFor(scenario, phase).jobNames : [];

/** Returns the possible job names for a write through a native plan. */
export const planJobNamesOf = (step: ScenarioPhase): readonly string[] =>
  (isPhaseOperation(step.phase) ? ruleFor(step.scenario, step.phase).planJobNames : undefined) ??
  siteRecoveryJobNamesOf(step);

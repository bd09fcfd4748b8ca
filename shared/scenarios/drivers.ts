// The list of drivers, and the ways by which all other code finds the driver of a VM, a step, an
// item or a goal. A new scenario is a folder, a name in core/scenario.ts and a line here.
import type { Policy, ReplicationProtectedItem } from '@azure/arm-recoveryservices-siterecovery';
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
import { hyperVToAzure } from './hyperVToAzure/driver.ts';
import type { VmState, ItemState } from './lifecycle.ts';
import type { OperationRule } from './operationRule.ts';

const driversByName: Readonly<Record<Scenario, ScenarioDriver>> = { azureToAzure, hyperVToAzure };

export const drivers: readonly ScenarioDriver[] = Object.values(driversByName);

const supports = ({ capabilities }: ScenarioDriver, operation: Operation): boolean =>
  capabilities?.operations.includes(operation) ?? false;

/** The scenarios that a caller may ask for: goals, choices and documents name no others. */
export const enablingDrivers: readonly ScenarioDriver[] = drivers.filter((driver) =>
  supports(driver, 'enableReplication'),
);
const [firstEnablingDriver] = enablingDrivers;
if (!firstEnablingDriver) throw new Error('No driver can enable replication.');
/** Where no scenario is named, as in a document that no VM stands in yet. */
export const defaultDriver: ScenarioDriver = firstEnablingDriver;

export const driverOf = (scenario: Scenario): ScenarioDriver => {
  if (Object.hasOwn(driversByName, scenario)) return driversByName[scenario];
  throw transient(
    'DocumentTooNew',
    `This build of Lifeboat has no driver for the scenario "${scenario}", which a newer one wrote. ` +
      'Nothing was started. Finish the deployment of the newer one.',
  );
};

export const matchesGoal = ({ replicationGoals }: ScenarioDriver, { protect, to }: ScenarioGoal): boolean =>
  replicationGoals.some((goal) => goal.protect === protect && goal.to === to);

/** The driver that enables what the goal names; where none can, a preview is still the first one's. */
export const enablingDriverFor = (goal: ScenarioGoal): ScenarioDriver =>
  enablingDrivers.find((driver) => matchesGoal(driver, goal)) ?? defaultDriver;

const driverOfType = (type: string): ScenarioDriver | undefined =>
  drivers.find(({ instanceTypes }) => instanceTypes.includes(type));

/** Undefined for an item that Lifeboat cannot act on: it is left to others, and hides nothing. */
export function readItem(raw: ReplicationProtectedItem): ReplicatedItem | undefined {
  const type = raw.properties?.providerSpecificDetails?.instanceType ?? '';
  const driver = driverOfType(type);
  return driver?.capabilities ? driver.readItem(raw) : undefined;
}

/** Undefined for a policy of a scenario that Lifeboat cannot act in. */
export function readPolicy(raw: Policy): PolicyValues | undefined {
  const type = raw.properties?.providerSpecificDetails?.instanceType ?? '';
  return driverOfType(type)?.capabilities?.readPolicy(raw);
}

export function scenarioNotSupported(scenario: Scenario, operation: string): LifeboatError {
  return rejected(
    422,
    'ScenarioNotPossibleYet',
    `Lifeboat cannot perform ${operation} in the scenario "${driverOf(scenario).title}" yet. Nothing was ` +
      'started. Use Site Recovery itself, such as in the Azure portal.',
  );
}

/** Refuses a scenario whose VMs Lifeboat can only read. */
export function requireCapabilities(scenario: Scenario): Capabilities {
  const { capabilities } = driverOf(scenario);
  if (!capabilities) throw scenarioNotSupported(scenario, 'any operation');
  return capabilities;
}

/** Before a step sends anything. An action of a plan is no scenario's. */
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

export const vmStateOf = ({ scenario, seen }: Pick<OfVm, 'scenario' | 'seen'>): VmState =>
  driverOf(scenario).vmStateOf(seen);

export function allowedOperations({ scenario, direction, seen }: OfVm): readonly Operation[] {
  const driver = driverOf(scenario);
  return driver.lifecycle[driver.vmStateOf(seen)][direction].filter((operation) =>
    supports(driver, operation),
  );
}

export type RefusalReason = 'ScenarioNotPossibleYet' | 'OperationNotAllowed';
/** Why an operation may not begin on a VM as it was seen; undefined when it may. */
export function refusalReasonOf(vm: OfVm, operation: Operation): RefusalReason | undefined {
  if (!supports(driverOf(vm.scenario), operation)) return 'ScenarioNotPossibleYet';
  return allowedOperations(vm).includes(operation) ? undefined : 'OperationNotAllowed';
}

/**
 * Of a VM's own driver. A plan is drawn before its VMs are known: it has the phases of every driver
 * that performs the operation.
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
/** Where the scenario is not known, as long as it takes in the slowest one. */
export function typicalSecondsOf(phase: Phase, scenario?: Scenario): TypicalSeconds {
  if (!isPhaseOperation(phase)) return PREREQUISITE_SECONDS;
  if (scenario !== undefined) return driverOf(scenario).typicalSeconds[phase];
  const known = drivers
    .filter((driver) => supports(driver, phase))
    .map(({ typicalSeconds }) => typicalSeconds[phase]);
  return {
    job: Math.max(...known.map(({ job }) => job)),
    settle: Math.max(...known.map(({ settle }) => settle)),
  };
}

interface ScenarioPhase {
  readonly scenario: Scenario;
  readonly phase: Phase;
}

export function ruleFor(scenario: Scenario, operation: PhaseOperation): OperationRule {
  const rule = driverOf(scenario).rules[operation];
  if (!rule) throw scenarioNotSupported(scenario, operation);
  return rule;
}

/**
 * The name of the Site Recovery job that a step's write starts; empty for a prerequisite, whose
 * jobs are told apart by their request ids alone.
 */
export const siteRecoveryJobNameOf = ({ scenario, phase }: ScenarioPhase): string =>
  isPhaseOperation(phase) ? ruleFor(scenario, phase).jobName : '';

/** The same, where the write goes through a plan of Site Recovery. */
export const planJobNameOf = (step: ScenarioPhase): string =>
  (isPhaseOperation(step.phase) ? ruleFor(step.scenario, step.phase).planJobName : undefined) ??
  siteRecoveryJobNameOf(step);

// The contract of every scenario driver. A new driver adds its recorded items to RECORDED and
// passes.
import { openApiDocument } from '../../../shared/api/routes/openApiDocument.ts';
import { Scenario } from '../../../shared/core/scenario.ts';
import { Direction, Operation, type PhaseOperation } from '../../../shared/core/operations.ts';
import type { ScenarioDriver } from '../../../shared/scenarios/driver.ts';
import {
  allowedOperations,
  driverOf,
  drivers,
  enablingDrivers,
  readItem,
  refusalReasonOf,
} from '../../../shared/scenarios/drivers.ts';
import { renderLifecycleTable } from '../../../shared/scenarios/lifecycleTable.ts';
import { VmState } from '../../../shared/scenarios/lifecycle.ts';
import type { ReplicatedItem } from '../../../shared/siterecovery/item.ts';
import { azureToAzureItems } from './items/azureToAzure.ts';
import { hyperVToAzureItems } from './items/hyperVToAzure.ts';
import { vmwareToAzureItems } from './items/vmwareToAzure.ts';
import { readThroughSdk, type RecordedItem } from './items/recordedItem.ts';

const RECORDED: Record<Scenario, readonly RecordedItem[]> = {
  azureToAzure: azureToAzureItems,
  hyperVToAzure: hyperVToAzureItems,
  vmwareToAzure: vmwareToAzureItems,
};

interface State {
  readonly state: VmState;
  readonly direction: Direction;
}
const STATES: readonly State[] = Object.values(VmState).flatMap((state) =>
  Object.values(Direction).map((direction) => ({ state, direction })),
);
const textOf = ({ state, direction }: State): string => `${state}, ${direction}`;
const opposite = (direction: Direction): Direction => (direction === 'original' ? 'reversed' : 'original');
/** Site Recovery passes through these states by itself, in the direction of the neighbouring states. */
const PASSING: ReadonlySet<VmState> = new Set(['busy', 'synchronising', 'enablingFailed']);

const phasesOf = (driver: ScenarioDriver, operation: Operation): readonly PhaseOperation[] =>
  operation in driver.phases ? driver.phases[operation as keyof typeof driver.phases] : [];
/** Null: the VM no longer replicates. */
function stateAfter(driver: ScenarioDriver, from: State, phase: PhaseOperation): State | null {
  const effect = driver.effects[phase];
  if (!effect) throw new Error(`${driver.name} does not say where ${phase} leads.`);
  if (effect === 'gone') return null;
  return {
    state: effect.state,
    direction: effect.reversesDirection ? opposite(from.direction) : from.direction,
  };
}
const allowedIn = ({ lifecycle }: ScenarioDriver, { state, direction }: State): readonly Operation[] =>
  lifecycle[state][direction];

/** Starts with the first enabling and follows the allowed operations. */
function reachedStates(driver: ScenarioDriver): ReadonlySet<string> {
  const start = stateAfter(driver, { state: 'synchronising', direction: 'original' }, 'enableReplication');
  const reached = new Map(start ? [[textOf(start), start]] : []);
  for (const state of reached.values())
    for (const operation of allowedIn(driver, state)) {
      let at: State | null = state;
      for (const phase of phasesOf(driver, operation)) {
        if (!at) throw new Error(`${driver.name}: ${operation} goes on after the VM is gone.`);
        at = stateAfter(driver, at, phase);
        if (at) reached.set(textOf(at), at);
      }
    }
  return new Set(reached.keys());
}

test('names, titles, instance types and goals belong to one driver each [OP-9]', () => {
  expect(drivers.map(({ name }) => name).sort()).toEqual(Object.values(Scenario).sort());
  for (const values of [
    drivers.map(({ title }) => title),
    drivers.flatMap(({ instanceTypes }) => instanceTypes),
    drivers.flatMap(({ replicationGoals }) =>
      replicationGoals.map(({ protect, to }) => `${protect} to ${to}`),
    ),
  ]) {
    expect(new Set(values).size).toBe(values.length);
    expect(values.length).toBeGreaterThanOrEqual(drivers.length);
  }
  expect(() => driverOf('none' as Scenario)).toThrow('has no driver for the scenario "none"');
});

describe.each(drivers.map((driver) => [driver.name, driver] as const))('%s', (name, driver) => {
  let items: readonly { readonly recorded: RecordedItem; readonly item: ReplicatedItem }[];
  beforeAll(async () => {
    items = await Promise.all(
      RECORDED[name].map(async (recorded) => {
        const item = driver.readItem(await readThroughSdk(recorded.wire));
        if (!item) throw new Error(`${recorded.title} is not read.`);
        return { recorded, item };
      }),
    );
  });

  test('each state with operations is reachable, and each operation leads to a state of the table [OP-2]', () => {
    const reached = reachedStates(driver);
    for (const state of STATES.filter((candidate) => allowedIn(driver, candidate).length > 0)) {
      const around = STATES.filter(({ direction }) => direction === state.direction).map(textOf);
      if (PASSING.has(state.state)) expect(around.some((candidate) => reached.has(candidate))).toBe(true);
      else expect([...reached]).toContain(textOf(state));
    }
    for (const entry of reached)
      expect(STATES.filter((state) => allowedIn(driver, state).length > 0).map(textOf)).toContain(entry);
  });

  test('the driver reads its recorded items, with state, direction and id [OP-9]', () => {
    for (const { recorded, item } of items) {
      const { id, name: itemName, properties } = recorded.wire;
      expect(item).toMatchObject({
        armId: id,
        name: itemName,
        scenario: name,
        friendlyName: properties['friendlyName'],
        protectionState: properties['protectionState'],
        allowedOperations: properties['allowedOperations'],
        direction: recorded.direction,
        rpo: recorded.hasRpo === false ? null : { at: '2026-03-01T08:00:00.000Z' },
      });
      expect(driver.vmStateOf(item)).toBe(recorded.state);
      expect(item.lifecycleId !== null).toBe(recorded.isKnown);
      expect(item.machines.failedOver).toBe(item.activeLocation === 'Recovery');
      const { scenarioName } = properties['currentScenario'] as { scenarioName: string };
      expect(item.currentJob).toEqual(
        scenarioName === 'None' ? null : { scenario: scenarioName, id: 'job-1' },
      );
    }
    const known = items.flatMap(({ item }) => item.lifecycleId ?? []);
    expect(new Set(known).size).toBe(1);
    const shown = new Set(items.map(({ recorded }) => textOf(recorded)));
    for (const state of STATES.filter((candidate) => allowedIn(driver, candidate).length > 0))
      expect([...shown]).toContain(textOf(state));
  });

  test('the driver does not read items of other scenarios, or incomplete items [OP-9]', async () => {
    const others = Object.entries(RECORDED).filter(([other]) => other !== name);
    for (const { wire } of others.flatMap(([, list]) => list))
      expect(driver.readItem(await readThroughSdk(wire))).toBeUndefined();
    const [first] = items;
    const raw = await readThroughSdk(first?.recorded.wire as RecordedItem['wire']);
    const { id, properties, ...rest } = raw;
    expect(driver.readItem({ ...rest, properties: properties ?? {} })).toBeUndefined();
    expect(driver.readItem({ ...rest, id: id ?? '' })).toBeUndefined();
    expect(driver.readItem({ ...raw, properties: {} })).toBeUndefined();
  });

  test('the result of an operation matches the rule that waits for it [OP-2]', () => {
    for (const state of STATES)
      for (const operation of allowedIn(driver, state)) {
        let at: State | null = state;
        for (const phase of phasesOf(driver, operation)) {
          const rule = driver.rules[phase];
          if (!rule) throw new Error(`${name} allows ${operation} and has no rule for ${phase}.`);
          expect(driver.typicalSeconds[phase].job).toBeGreaterThan(0);
          expect(rule.jobNames.length).toBeGreaterThan(0);
          expect(rule.jobNames).not.toContain('');
          at = at && stateAfter(driver, at, phase);
          const [gone, after] = [at === null, at && textOf(at)];
          // All phases of an operation know the direction of its start.
          expect(rule.isSettled(undefined, state.direction)).toBe(gone);
          for (const { recorded, item } of items) {
            if (gone || recorded.state === 'busy') expect(rule.isSettled(item, state.direction)).toBe(false);
            else if (textOf(recorded) === after) expect(rule.isSettled(item, state.direction)).toBe(true);
          }
        }
      }
  });

  test('Site Recovery allows the operations in the table, and Lifeboat refuses the rest [OP-2] [OP-3]', () => {
    for (const { recorded, item } of items) {
      const vm = { scenario: name, direction: item.direction, seen: item };
      const inTable = allowedIn(driver, recorded);
      for (const operation of Object.values(Operation)) {
        const can = driver.capabilities?.operations.includes(operation) ?? false;
        expect(refusalReasonOf(vm, operation)).toBe(
          !can ? 'ScenarioNotPossibleYet' : inTable.includes(operation) ? undefined : 'OperationNotAllowed',
        );
        expect(allowedOperations(vm).includes(operation)).toBe(can && inTable.includes(operation));
        const [phase] = phasesOf(driver, operation);
        // A busy item allows nothing for now, and a test needs its clean-up before a failover.
        const isFirst = recorded.state !== 'busy' && recorded.state !== 'testing';
        if (isFirst && phase && inTable.includes(operation))
          expect(
            item.allowedOperations.some((allowedOperation) =>
              driver.rules[phase]?.allowedBy.includes(allowedOperation),
            ),
          ).toBe(true);
      }
    }
  });

  test('its capabilities name only possible operations, and every operation needs them [OP-2]', async () => {
    const { capabilities } = driver;
    const wire = RECORDED[name][0]?.wire as RecordedItem['wire'];
    expect(readItem(await readThroughSdk(wire))?.scenario).toBe(capabilities ? name : undefined);
    expect(enablingDrivers.includes(driver)).toBe(
      capabilities?.operations.includes('enableReplication') ?? false,
    );
    for (const text of [JSON.stringify(openApiDocument()), renderLifecycleTable()])
      if (!capabilities)
        for (const word of [name, driver.title, ...driver.instanceTypes]) expect(text).not.toContain(word);
    for (const operation of capabilities?.operations ?? []) {
      if (operation === 'prepareVault') continue;
      const phases = phasesOf(driver, operation);
      expect(phases.length > 0).toBe(operation !== 'enableReplication');
      for (const phase of phases.length > 0 ? phases : [operation as PhaseOperation]) {
        expect(capabilities?.writes[phase]).toBeInstanceOf(Function);
        expect(driver.rules[phase]).toBeDefined();
      }
    }
  });
});

// The alarms about a plan between its runs, including facts that Lifeboat does not know.
import fc from 'fast-check';
import { alarmFindingsOf, type WatchedPlan, type WatchedVm } from '../../../shared/alarms/rules/alarm.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const ago = (minutes: number): string => new Date(NOW - minutes * MINUTE).toISOString();
const vm = (change: Partial<WatchedVm> = {}): WatchedVm => ({
  id: 'vm-1',
  name: 'web',
  state: 'protected',
  lastReadAt: ago(1),
  rpo: { seconds: 300, at: ago(5) },
  ...change,
});
const plan = (change: Partial<WatchedPlan> = {}): WatchedPlan => ({
  planId: 'shop',
  name: 'Shop',
  dataLossMinutes: null,
  everyDays: null,
  lastDrill: null,
  vms: [vm()],
  missingVmIds: [],
  refusals: null,
  notCleanedUp: [],
  overdueTestVms: [],
  expiredDrills: [],
  ...change,
});
/** The alarms that every plan can raise. */
const ALWAYS = new Set(['notCleanedUp', 'timeToLiveOver']);
const holds = (change: Partial<WatchedPlan>) =>
  Object.fromEntries(
    alarmFindingsOf(plan(change), NOW)
      .filter(({ kind, applies: does }) => does !== false || !ALWAYS.has(kind))
      .map(({ kind, applies: does }) => [kind, does]),
  );
const ofVm = (change: Partial<WatchedVm>) => holds({ dataLossMinutes: 10, vms: [vm(change)] });

test('an undrilled plan raises an alarm after its days, also without any drill before [TRG-3]', () => {
  expect(holds({})).toEqual({});
  expect(holds({ everyDays: 30, lastDrill: { at: ago(29 * 1440), how: 'drilled' } })).toEqual({
    notDrilled: false,
  });
  expect(holds({ everyDays: 30, lastDrill: { at: ago(31 * 1440), how: 'drilled' } })).toEqual({
    notDrilled: true,
  });
  expect(holds({ everyDays: 30, lastDrill: { at: ago(31 * 1440), how: 'made' } })).toEqual({
    notDrilled: true,
  });
  expect(
    alarmFindingsOf(
      plan({ notCleanedUp: [{ schedule: 'nightly', since: ago(5), message: 'web is held.' }] }),
      NOW,
    ),
  ).toContainEqual(
    expect.objectContaining({
      kind: 'notCleanedUp',
      applies: true,
      vm: null,
      message: expect.stringContaining(`of the schedule nightly, since ${ago(5)}: web is held.`) as string,
    }),
  );
  expect(holds({ refusals: [] })).toEqual({ notReady: false });
  expect(
    alarmFindingsOf(plan({ refusals: ['One.', 'Two.', 'Three.', 'Four.', 'Five.', 'Six.', 'Seven.'] }), NOW),
  ).toContainEqual(
    expect.objectContaining({
      kind: 'notReady',
      applies: true,
      message: expect.stringContaining('And 2 reasons more') as string,
    }),
  );
});

test('a VM behind its target raises an alarm, and an unknown lag does too [JOB-2]', () => {
  expect(ofVm({})).toEqual({ noData: false, behindTarget: false });
  expect(ofVm({ rpo: { seconds: 601, at: ago(5) } })).toEqual({ noData: false, behindTarget: true });
  expect(ofVm({ rpo: { seconds: 60, at: ago(31) } })).toEqual({ noData: true, behindTarget: null });
  expect(ofVm({ rpo: null })).toEqual({ noData: true, behindTarget: null });
  expect(ofVm({ rpo: 'unread' })).toEqual({ noData: null, behindTarget: null });
  expect(ofVm({ rpo: 'unread', lastReadAt: ago(31) })).toEqual({ noData: true, behindTarget: null });
  expect(ofVm({ state: 'busy', rpo: null })).toEqual({ noData: null, behindTarget: null });
  for (const state of ['failedOver', 'committed'] as const)
    expect(ofVm({ state, rpo: { seconds: 90_000, at: ago(500) } })).toEqual({
      noData: false,
      behindTarget: false,
    });
  expect(holds({ dataLossMinutes: 10, vms: [], missingVmIds: ['vm-gone'] })).toEqual({ noData: true });
});

test('a VM counts as within its target only after a recent calculation [property] [JOB-2]', () => {
  const rpo = fc.oneof(
    fc.constant(null),
    fc.constant('unread' as const),
    fc.record({ seconds: fc.nat(5000), at: fc.nat(120).map(ago) }),
  );
  fc.assert(
    fc.property(rpo, fc.nat(120).map(ago), fc.integer({ min: 1, max: 60 }), (known, seenAt, minutes) => {
      const found = holds({ dataLossMinutes: minutes, vms: [vm({ rpo: known, lastReadAt: seenAt })] });
      const fresh = typeof known === 'object' && known !== null && NOW - Date.parse(known.at) <= 30 * MINUTE;
      expect(found['behindTarget']).toBe(fresh ? known.seconds > minutes * 60 : null);
    }),
  );
});

test('every plan reports an expired drill and old test VMs [OP-13]', () => {
  const findingsWith = (change: Partial<WatchedPlan>) => alarmFindingsOf(plan(change), NOW);
  expect(findingsWith({})).toMatchObject([
    { kind: 'notCleanedUp', applies: false },
    { kind: 'timeToLiveOver', applies: false },
  ]);
  const standing = [
    { vm: 'vm-1', name: 'web', since: ago(1500), job: null },
    { vm: 'vm-2', name: 'sql', since: ago(1500), job: 'job-1' },
  ];
  const [cleanedUp] = findingsWith({ overdueTestVms: standing });
  expect(cleanedUp).toMatchObject({ kind: 'notCleanedUp', applies: true, vm: null });
  expect(cleanedUp?.message).toContain('The test VM of web is there since');
  expect(cleanedUp?.message).toContain('send cleanUpTestFailover');
  expect(cleanedUp?.message).toContain('job-1 has not cleaned it up');
  expect(
    findingsWith({ expiredDrills: [{ job: 'job-1', givenUpSteps: ['Look was given up.'] }] }),
  ).toContainEqual({
    kind: 'timeToLiveOver',
    vm: null,
    applies: true,
    message:
      'The time to live of the drill job-1 is over, and its test VMs are cleaned up. Look was given up.',
  });
});

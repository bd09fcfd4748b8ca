// A VM that came up beside its place says so, and one that stands where it should says nothing.
import fc from 'fast-check';
import { placementTold } from '../../../../shared/domain/plan/placementTold.ts';

const NO_ROOM = [{ code: 'OverconstrainedAllocationRequest' }];
const GROUP = '/g/proximityPlacementGroups/near';
const SET = '/g/availabilitySets/web';

test('[PPG-5] outside the placement group, and outside the set that is pinned to it', () => {
  const alone = placementTold({ placementGroupId: GROUP, availabilitySetId: null }, NO_ROOM, { placementGroupId: null, availabilitySetId: null });
  expect(alone).toContain('outside its proximity placement group near: Azure had no room there (OverconstrainedAllocationRequest)');
  const both = placementTold({ placementGroupId: GROUP, availabilitySetId: SET }, NO_ROOM, { placementGroupId: null, availabilitySetId: null });
  expect(both).toContain('group near and outside its availability set web, which is pinned to that group');
});

test('[PPG-5] what was not read is not claimed', () => {
  const wished = { placementGroupId: GROUP, availabilitySetId: SET };
  expect(placementTold(wished, NO_ROOM, null)).toContain('Whether it left its availability set web too was not seen.');
  expect(placementTold(wished, [], null)).toBeNull();
  expect(placementTold(wished, [], { placementGroupId: null, availabilitySetId: SET })).toContain('Azure did not say why');
});

test('[PPG-5] where it stands decides, in any casing', () => {
  fc.assert(fc.property(fc.option(fc.constant(GROUP)), fc.option(fc.constant(SET)), fc.boolean(), fc.boolean(), (placementGroupId, availabilitySetId, inside, loud) => {
    const cameUp = { placementGroupId: inside ? placementGroupId?.toUpperCase() ?? null : null, availabilitySetId };
    const told = placementTold({ placementGroupId, availabilitySetId }, loud ? NO_ROOM : [], cameUp);
    expect(told !== null).toBe(placementGroupId !== null && !inside);
    expect(told ?? '').not.toMatch(/null|undefined/);
  }));
});

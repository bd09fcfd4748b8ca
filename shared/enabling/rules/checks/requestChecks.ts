// What is wrong with a wish whatever Azure looks like: told at the door, before anything is read.
import { judgeGoal } from '../request/goal.ts';
import { judgeMembers } from '../vm/multiVm.ts';
import type { Refusal } from '../../../core/refusal.ts';
import type { PrepareWish } from '../request/request.ts';

export function refusalsOfWish(wish: PrepareWish): readonly Refusal[] {
  const refusals = [
    judgeGoal(wish.goal),
    judgeRegions(wish),
    wish.multiVmGroup &&
      judgeMembers({ name: wish.multiVmGroup.name, id: null, present: [] }, wish.vms.length),
  ];
  return refusals.filter((refusal) => refusal !== undefined);
}

function judgeRegions({ source, target, vms }: PrepareWish): Refusal | undefined {
  const zoned = target.zone !== undefined || vms.some((vm) => vm.zone !== undefined);
  if (source?.region !== target.region || zoned) return undefined;
  return {
    code: 'SameRegion',
    message:
      `The target region ${target.region} is the source region. Name another region or, to ` +
      'replicate from zone to zone, the target zone in "target.zone".',
  };
}

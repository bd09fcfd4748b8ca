// The size of a VM that replicates already.
import { sameId } from '../../../siterecovery/item.ts';
import { misfit } from '../vm/sizes.ts';
import { listed, refuse } from '../notes.ts';
import type { Case } from './updateCase.ts';

export function judgeSize(one: Case): void {
  const { look, present, wish, changes } = one;
  const name = wish.size ?? present.size;
  const zone = wish.zone ?? (present.availability.type === 'zone' ? present.availability.zone : null);
  const premium = present.disks.some(
    (disk) =>
      disk.managed &&
      (
        wish.diskTypes?.find((other) => sameId(other.disk, disk.id) || sameId(other.disk, disk.name))
          ?.targetType ?? disk.targetType
      )?.startsWith('Premium'),
  );
  const needs = {
    nics: present.nics.length,
    dataDisks: present.disks.filter(({ isOs }) => !isOs).length,
    premium,
    generation: present.generation,
    zone,
  };
  // A size that stays is judged only where its zone or its disks change.
  if (
    wish.size === undefined &&
    wish.zone === undefined &&
    !wish.diskTypes?.some(({ targetType }) => targetType)
  )
    return;
  const size = look.size(present.target.region, name);
  const wrong = misfit(size, needs);
  if (!size || wrong !== undefined) {
    const possible = look
      .sizesIn(present.target.region)
      .filter((other) => misfit(other, needs) === undefined)
      .map((other) => other.name);
    refuse(
      one,
      'SizeNotThere',
      `${present.name} cannot have the size ${name} in ${present.target.region}: ` +
        `${wrong ?? ''}. Name one of: ${listed(possible)}.`,
    );
  } else if (!sameId(size.name, present.size)) changes.size = size.name;
}

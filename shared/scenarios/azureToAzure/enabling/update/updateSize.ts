// Checks a change of the size of a replicated VM. Pure.
import { sameId } from '../../../../siterecovery/item.ts';
import { sizeProblemOf } from '../vm/sizes.ts';
import { suggestOneOf, refuse } from '../../../enabling/notes.ts';
import type { UpdateContext } from './updateContext.ts';

/** Checks the size of an update. */
export function evaluateSize(context: UpdateContext): void {
  const { lookup, current, request, changes } = context;
  const name = request.size ?? current.size;
  const zone = request.zone ?? (current.availability.type === 'zone' ? current.availability.zone : null);
  const premium = current.disks.some(
    (disk) =>
      disk.managed &&
      (
        request.diskTypes?.find((other) => sameId(other.disk, disk.id) || sameId(other.disk, disk.name))
          ?.targetType ?? disk.targetType
      )?.startsWith('Premium'),
  );
  const needs = {
    nics: current.nics.length,
    dataDisks: current.disks.filter(({ isOs }) => !isOs).length,
    premium,
    generation: current.generation,
    zone,
  };
  // Checks an unchanged size only when the zone or the disk types change.
  if (
    request.size === undefined &&
    request.zone === undefined &&
    !request.diskTypes?.some(({ targetType }) => targetType)
  )
    return;
  const size = lookup.findSize(current.target.region, name);
  const problem = sizeProblemOf(size, needs);
  if (!size || problem !== undefined) {
    const possible = lookup
      .sizesIn(current.target.region)
      .filter((other) => sizeProblemOf(other, needs) === undefined)
      .map((other) => other.name);
    refuse(
      context,
      'SizeNotThere',
      `${current.name} cannot have the size ${name} in ${current.target.region}: ` +
        `${problem ?? ''}. ${suggestOneOf(possible)}`,
    );
  } else if (!sameId(size.name, current.size)) changes.size = size.name;
}

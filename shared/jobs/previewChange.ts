// Previews a change of target settings: the same checks as the command, and then the same verdicts
// as the job. The preview route calls this module. It changes nothing.
import type { ChangePreviewRequest } from '../commands/command.ts';
import { evaluateChanges, type ChangeVerdict } from '../enabling/changes.ts';
import { requireAllowedOnVms } from './acceptOnVms.ts';

/** The verdict about each VM. One refused VM refuses the command for all. */
export interface ChangePreview {
  readonly verdict: ChangeVerdict['verdict'];
  readonly vms: readonly ({ readonly id: string; readonly name: string } & Omit<ChangeVerdict, 'change'>)[];
}

/** Previews the change with fresh facts from Azure. Throws as the command would, except about the change. */
export async function previewChange(request: ChangePreviewRequest): Promise<ChangePreview> {
  const known = await requireAllowedOnVms({ operation: 'updateReplication', ...request });
  const verdicts = await evaluateChanges(known, request.change);
  const vms = known.flatMap(({ id, name }) => {
    const verdict = verdicts.get(id);
    return verdict
      ? [{ id, name, verdict: verdict.verdict, refusals: verdict.refusals, changes: verdict.changes }]
      : [];
  });
  const worst = (['refused', 'update'] as const).find((one) => vms.some(({ verdict }) => verdict === one));
  return { verdict: worst ?? 'alreadySo', vms };
}

// The public form of a confirmed check. The confirmation routes call this module.
import type { ConfirmationDocument } from '../enabling/confirmationStore.ts';
import { documentNameOf } from '../store/namedDocuments.ts';

/** The public form of a confirmation. */
export const confirmationView = (document: ConfirmationDocument) => ({
  id: documentNameOf(document),
  check: document.check,
  vm: document.vmId === null ? null : { id: document.vmId, name: document.vmName ?? document.vmId },
  source: document.source,
  target: document.target,
  by: document.by,
  at: document.at,
  until: document.until,
  note: document.note,
});

// What one ARM write acts on, as the attempt protocol sees it: what is there now, and how the write is sent.
import type { Warning } from '../../core/warning.ts';
import type { WriteAnswer } from '../../azure/writeAnswer.ts';
import type { Fault } from '../../core/errors.ts';
import type { Stored } from '../../store/cosmos.ts';
import type { AttemptDocument, StepDocument } from '../../journal/documents.ts';
import type { View } from '../../siterecovery/view.ts';

/** The walk that looks; only what it holds may be changed in its name. */
export interface Holder {
  readonly jobId: string;
  readonly epoch: number;
  /** With how many others it begins at this moment. */
  readonly wave?: number;
}

export interface Ids {
  readonly armIdBefore: string;
  readonly armIdAfter: string;
}

export type Sight =
  /** `log`: what is to be told of it before it is sent. */
  | (Ids & {
      readonly kind: 'start';
      readonly log?: string;
      readonly send: (clientRequestId: string, deadline: Date, attempt: number) => Promise<WriteAnswer>;
    })
  /** `remember` writes down what is seen of it; false when that could not be done now. */
  | (Ids & {
      readonly kind: 'alreadySo';
      readonly remember: () => Promise<boolean>;
      readonly replicationId?: string;
      /** In what it is not as asked. */ readonly warnings?: readonly Warning[];
    })
  /**
   * Somebody else's operation, which is to be followed; its job is not known when that has ended
   * and its effect goes on.
   */
  | (Ids & { readonly kind: 'follow'; readonly armJobId: string | null })
  | { readonly kind: 'wait'; readonly waitsFor: string }
  | { readonly kind: 'refused'; readonly fault: Fault };

export interface Target {
  /** `view`: what was seen of the vault just now, where many are looked at together. */
  readonly look: (step: Stored<StepDocument>, holder: Holder, now: Date, view?: View) => Promise<Sight>;
  /** Site Recovery's answer to its write names a job. */
  readonly startsJob: boolean;
  /** Where no job proves a write: whether what it was to make stands there. */
  readonly isThere?: (step: StepDocument, attempt: AttemptDocument) => Promise<boolean>;
}

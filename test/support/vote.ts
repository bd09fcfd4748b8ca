// Answers the newest question of a decision, as its ready request does.
import type { Caller } from '../../shared/access/caller.ts';
import type { DecisionDocument } from '../../shared/alerts/documents.ts';
import { approvalQuestionIdOf } from '../../shared/alerts/questions.ts';
import { recordVote } from '../../shared/alerts/review.ts';

export function voteOn(decision: DecisionDocument, answer: 'approved' | 'refused', by: Caller) {
  if (!decision.approval) throw new Error(`The decision ${decision.id} asks nobody.`);
  return recordVote(decision.id, { question: approvalQuestionIdOf(decision.approval), answer }, by);
}

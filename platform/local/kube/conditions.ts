/** A condition of a resource (knative.dev/pkg/apis: Condition); its time is set where the objects are kept. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  severity?: 'Info';
  reason?: string;
  message?: string;
}

export type State = Omit<Condition, 'type'>;

export const isTrue: State = { status: 'True' };
/** Of what a reconciler has not come to, because something before it failed. */
export const unknown: State = { status: 'Unknown' };

export function isFalse(reason: string, message: string): State {
  return { status: 'False', reason, message };
}

export function isTrueBecause(reason: string, message = ''): State {
  return { status: 'True', reason, ...(message !== '' && { message }) };
}

/**
 * The conditions of a resource that goes on living, by name, with what they come to: Ready is false for the first that is
 * false, in the order given, then unknown for the first that is unknown (knative.dev/pkg/apis: NewLivingConditionSet).
 * @param informing those that Ready does not depend on
 */
export function conditionsOf(states: Record<string, State>, informing: Record<string, State> = {}): Condition[] {
  const all = Object.values(states);
  const worst =
    all.find(({ status }) => status === 'False') ?? all.find(({ status }) => status === 'Unknown') ?? isTrue;
  const conditions: Condition[] = [
    ...Object.entries({ ...states, Ready: worst }).map(([type, state]) => ({ type, ...state })),
    ...Object.entries(informing).map(([type, state]) => ({ type, ...state, severity: 'Info' as const })),
  ];
  return conditions.sort((a, b) => (a.type < b.type ? -1 : 1));
}

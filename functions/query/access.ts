import { allows, anyVehicle, type Scope } from '../lib/auth/tokens.ts';
import type { HttpContext, Ports } from '../lib/ports.ts';
import { Refused } from './refused.ts';

/** The vehicles whose data a request may see: all of them, or those of its token. */
export interface View {
  /** Undefined: all. */
  readonly vehicles: readonly string[] | undefined;
  sees(vehicle: string): boolean;
}

/** Reading on this machine needs no token. */
const everything: View = { vehicles: undefined, sees: () => true };

/**
 * What a request may see under a scope. A token that is presented counts, on loopback too: it narrows the view to its
 * vehicles. Throws Refused: unauthorized, insufficient-scope.
 */
export function viewOf(context: HttpContext<unknown>, scope: Scope, { auth }: Pick<Ports, 'auth'>): View {
  const { authorization } = context.headers;
  if (authorization === undefined && context.loopback && scope === 'read') return everything;
  const answer = auth.authenticate(authorization);
  if (!answer.ok) throw new Refused(answer.code, answer.detail);
  const { record } = answer;
  if (!allows(record, scope)) throw new Refused('insufficient-scope', `this needs a token with the scope ${scope}`);
  if (record.vehicles.includes(anyVehicle)) return everything;
  const vehicles = [...record.vehicles].sort();
  return { vehicles, sees: (vehicle) => vehicles.includes(vehicle) };
}

/** Refuses a vehicle outside the view, whether there is one of that name or not. Throws Refused: forbidden. */
export function demandVehicle(view: View, vehicle: string): void {
  if (!view.sees(vehicle)) throw new Refused('forbidden', `the token is not bound to the vehicle ${vehicle}`);
}

/** The vehicles to ask the store for: the one that was named, those of the view, or `[undefined]` for all. */
export function vehiclesIn(view: View, named: string | undefined): readonly (string | undefined)[] {
  if (named !== undefined) {
    demandVehicle(view, named);
    return [named];
  }
  return view.vehicles ?? [undefined];
}

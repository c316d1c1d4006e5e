"""One task, one crew: the same prices as ``Routes.column``, several times quicker for a handful of tasks."""

from services.routing.domain.planning.routes import IMPOSSIBLE, Routes


class Quotes:
    """Prices one task in one crew's queue, with plain numbers instead of arrays."""

    def __init__(self, routes: Routes) -> None:
        self._routes, self._prices = routes, routes.prices
        self._may: list[list[bool]] = routes.may.tolist()

    def cheapest(self, vehicle: int, task: int, best: float = IMPOSSIBLE) -> tuple[float, int]:
        """The least price of the task in this crew's queue, and its position.

        IMPOSSIBLE when the crew may not, its shift is too short, or the price is not below ``best``.
        """
        first, route = self._routes.pinned[vehicle], self._routes.route[vehicle]
        if not self._may[vehicle][task] or not self._routes.has_room(vehicle, [*route, task]):
            return IMPOSSIBLE, first
        spot = -1
        for position, detour in enumerate(self._detours(vehicle, task, first), start=first):
            if detour < best:  # more than the detour it costs in any case
                price = self.at(vehicle, task, position, best)
                if price < best:
                    best, spot = price, position
        return (best, spot) if spot >= 0 else (IMPOSSIBLE, first)

    def _detours(self, vehicle: int, task: int, first: int) -> list[float]:
        """The price of the longer way at each position; nothing where a crew may be told less by it."""
        routes, route = self._routes, self._routes.route[vehicle]
        if routes.told[vehicle]:
            return [0.0] * (len(route) + 1 - first)
        back, per_s, legs = routes.between_s[task], routes.rules.travel, routes.schedule[vehicle].legs
        ways = [routes.between_s[before][task] for before in route[max(first - 1, 0) :]]
        if first == 0:
            ways.insert(0, routes.to_task_s[vehicle][task])
        rest = zip(ways, route[first:], legs[first:], strict=False)
        return [per_s * (way + back[stop] - leg) for way, stop, leg in rest] + [per_s * ways[-1]]

    def at(self, vehicle: int, task: int, position: int, best: float = IMPOSSIBLE) -> float:
        """The price at one position; IMPOSSIBLE when the shift is too short or ``best`` is no dearer."""
        routes, prices, old = self._routes, self._prices, self._routes.schedule[vehicle]
        route, per_s = routes.route[vehicle], routes.rules.travel
        if position:
            way, at = routes.between_s[route[position - 1]][task], old.leave[position - 1]
        else:
            way, at = routes.to_task_s[vehicle][task], routes.free[vehicle]
        inside = position < len(route)
        leg = routes.between_s[task][route[position]] if inside else 0.0
        detour = way + leg - old.legs[position] if inside else way
        at = max(at + way, prices.starts[task])
        price = prices.one(task, at) + per_s * detour + routes.told_change(vehicle, task, position)
        ready = at + prices.lefts[task]
        at += prices.works[task]
        if inside and (price < best or at + leg < old.arrive[position]):
            price, ready = self._pushed(vehicle, position, price, ready, at + leg, best)
        if price >= best:
            return IMPOSSIBLE
        return self._home_again(vehicle, route[-1] if inside else task, ready, price)

    def _pushed(
        self, vehicle: int, position: int, price: float, ready: float, at: float, best: float
    ) -> tuple[float, float]:
        """What comes after, the first of it reached at ``at``: until nothing changes, or the price is known
        to be no less than ``best``."""
        routes, prices, old = self._routes, self._prices, self._routes.schedule[vehicle]
        per_s = routes.rules.travel
        for follows in range(position, len(routes.route[vehicle])):
            stop = routes.route[vehicle][follows]
            at = max(at, prices.starts[stop])
            if at == old.arrive[follows]:
                return price, ready
            price += prices.one(stop, at) + per_s * old.legs[follows] - old.prices[follows]
            if price >= best and at > old.arrive[follows]:
                break
            ready = max(ready, at + prices.lefts[stop])
            at += prices.works[stop]
            at += old.legs[follows + 1] if follows + 1 < len(old.legs) else 0.0
        return price, ready

    def _home_again(self, vehicle: int, last: int, ready: float, price: float) -> float:
        routes = self._routes
        if routes.home is not None:
            back = float(routes.home[vehicle, last])
            price += routes.rules.travel * (back - routes.back(vehicle, routes.route[vehicle]))
            ready += back
        return price if ready <= routes.ends[vehicle] else IMPOSSIBLE

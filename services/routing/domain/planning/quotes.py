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
        for position in range(first, len(route) + 1):
            price = self.at(vehicle, task, position, best)
            if price < best:
                best, spot = price, position
        return (best, spot) if spot >= 0 else (IMPOSSIBLE, first)

    def at(self, vehicle: int, task: int, position: int, best: float = IMPOSSIBLE) -> float:
        """The price at one position; IMPOSSIBLE when the shift is too short or ``best`` is no dearer."""
        routes, prices, old = self._routes, self._prices, self._routes.schedule[vehicle]
        route, per_s = routes.route[vehicle], routes.rules.travel
        if position:
            way, at = routes.between_s[route[position - 1]][task], old.leave[position - 1]
        else:
            way, at = routes.to_task_s[vehicle][task], routes.free[vehicle]
        at = max(at + way, prices.starts[task])
        price = prices.one(task, at) + per_s * way + routes.told_change(vehicle, task, position)
        if position < len(route) and price - per_s * old.legs[position] >= best:
            return IMPOSSIBLE  # what comes after is no earlier for it
        ready = at + prices.lefts[task]
        at += prices.works[task]
        leg = routes.between_s[task][route[position]] if position < len(route) else 0.0
        for follows in range(position, len(route)):
            stop = route[follows]
            at = max(at + leg, prices.starts[stop])
            price += prices.one(stop, at) + per_s * leg - old.prices[follows]
            if price >= best and follows > position and at >= old.arrive[follows]:
                return IMPOSSIBLE
            ready = max(ready, at + prices.lefts[stop])
            at += prices.works[stop]
            leg = old.legs[follows + 1] if follows + 1 < len(route) else 0.0
        return self._home_again(vehicle, route[-1] if position < len(route) else task, ready, price)

    def _home_again(self, vehicle: int, last: int, ready: float, price: float) -> float:
        routes = self._routes
        if routes.home is not None:
            back = float(routes.home[vehicle, last])
            price += routes.rules.travel * (back - routes.back(vehicle, routes.route[vehicle]))
            ready += back
        return price if ready <= routes.ends[vehicle] else IMPOSSIBLE

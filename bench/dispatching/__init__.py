"""A day of dispatching, made up from a seed: city, calls and crews, ways to dispatch, and a bound."""

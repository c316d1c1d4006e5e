"""The rules of crews, without any framework: work orders, safety, crews on shift, access."""

"""What tools/lab is made of: a sandbox, a network, services, traffic, the sensor, a report."""

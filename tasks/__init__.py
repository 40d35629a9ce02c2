"""The loop, one room per verb; in a room `steps` alone touches the world, everything else is pure."""

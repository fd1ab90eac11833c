package dev.upkeep.common.command;

/** What travels on the commands topic, told apart by the {@code ce_type} header. */
public sealed interface LaneMessage permits Command, Cancel {}

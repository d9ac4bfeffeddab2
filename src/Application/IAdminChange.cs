namespace PayRecharge.Application;

/// <summary>
/// A message by which an admin changes something. Its changes to the database are recorded in the same transaction, together with
/// the sender. The handler does nothing for that.
/// </summary>
public interface IAdminChange
{
    /// <summary>The changed object, such as <c>order 17</c>; never a secret. Null: the message creates it; its new id is used.</summary>
    string? Subject { get; }

    /// <summary>The admin's reason; null if the message has none.</summary>
    string? Reason => null;
}

/// <summary>The sender of this scope's messages, and the change in progress.</summary>
public sealed class CurrentChange
{
    /// <summary>The sender; <c>system</c> by default.</summary>
    public string Actor { get; private set; } = "system";

    /// <summary>The sender's address; empty if it is this process.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The name of the current message; null if it is not an <see cref="IAdminChange"/>, so nothing is recorded.</summary>
    public string? Action { get; private set; }

    /// <summary>The changed object (<see cref="IAdminChange.Subject"/>).</summary>
    public string? Subject { get; private set; }

    /// <summary>The reason (<see cref="IAdminChange.Reason"/>).</summary>
    public string? Reason { get; private set; }

    /// <summary>Sets the sender of this scope's messages.</summary>
    public void ActAs(string actor, string address) => (Actor, Address) = (actor, address);

    /// <summary>Continues another scope's change in this one.</summary>
    public void Continue(CurrentChange other) => (Actor, Address, Action, Subject, Reason) = (other.Actor, other.Address, other.Action, other.Subject, other.Reason);

    internal void Begin(string action, IAdminChange change) => (Action, Subject, Reason) = (action, change.Subject, change.Reason);

    internal void End() => (Action, Subject, Reason) = (null, null, null);
}

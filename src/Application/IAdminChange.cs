namespace PayRecharge.Application;

/// <summary>
/// A message that changes something at an admin's word. Whatever it changes in the database is recorded in the same transaction,
/// with who sent it: its handler does nothing for that.
/// </summary>
public interface IAdminChange
{
    /// <summary>What is changed, such as <c>order 17</c>, never a secret. Null: it is made by the message, and named once it has its id.</summary>
    string? Subject { get; }

    /// <summary>Why, in the admin's words; null where the message asks for none.</summary>
    string? Reason => null;
}

/// <summary>Who sends the messages of this scope, and the change that is under way.</summary>
public sealed class CurrentChange
{
    /// <summary>Who sends them: <c>system</c> unless somebody is known.</summary>
    public string Actor { get; private set; } = "system";

    /// <summary>The address they come from; empty where they come from this process.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The name of the message that is handled; null where it is no <see cref="IAdminChange"/>, so that nothing is recorded.</summary>
    public string? Action { get; private set; }

    /// <summary>What it changes (<see cref="IAdminChange.Subject"/>).</summary>
    public string? Subject { get; private set; }

    /// <summary>Why it is made (<see cref="IAdminChange.Reason"/>).</summary>
    public string? Reason { get; private set; }

    /// <summary>Names who sends the messages of this scope from now on.</summary>
    public void ActAs(string actor, string address) => (Actor, Address) = (actor, address);

    /// <summary>Continues another scope's change in this one.</summary>
    public void Continue(CurrentChange other) => (Actor, Address, Action, Subject, Reason) = (other.Actor, other.Address, other.Action, other.Subject, other.Reason);

    internal void Begin(string action, IAdminChange change) => (Action, Subject, Reason) = (action, change.Subject, change.Reason);

    internal void End() => (Action, Subject, Reason) = (null, null, null);
}

using System.Text.Json;
using MediatR;

namespace PayRecharge.Application;

/// <summary>Lists the recorded changes, newest first, at most 100.</summary>
public sealed record ListChanges : IRequest<IReadOnlyList<AdminChangeView>>
{
    /// <summary>Only changes of this object, such as <c>order 17</c>, <c>user 3</c>, <c>card-rule 9</c> or <c>settings</c>.</summary>
    public string? Subject { get; init; }
    /// <summary>Only changes with a lower id: the last id of the previous page.</summary>
    public long? Before { get; init; }
}

/// <summary>A recorded change.</summary>
/// <param name="Id">The change's id.</param>
/// <param name="At">When it was made (UTC).</param>
/// <param name="Actor">Who made it; <c>system</c> if no admin did.</param>
/// <param name="Address">The address it came from.</param>
/// <param name="Action">The action, such as <c>ChangeSettings</c>.</param>
/// <param name="Subject">The changed object.</param>
/// <param name="Before">The values before: only changed values, by row; secrets are <c>***</c>. Absent if the object was created.</param>
/// <param name="After">The values after, in the same form. Absent if the object was removed.</param>
public sealed record AdminChangeView(
    long Id, DateTimeOffset At, string Actor, string Address, string Action, string Subject, JsonElement? Before, JsonElement? After);

/// <summary>The recorded changes.</summary>
public interface IAdminChanges
{
    /// <summary>Reads the newest changes, at most <paramref name="take"/>, with an id below <paramref name="before"/>.</summary>
    Task<IReadOnlyList<AdminChangeView>> ReadNewestAsync(string? subject, long? before, int take, CancellationToken cancellationToken);
}

internal sealed class ListChangesHandler(IAdminChanges changes) : IRequestHandler<ListChanges, IReadOnlyList<AdminChangeView>>
{
    public Task<IReadOnlyList<AdminChangeView>> Handle(ListChanges request, CancellationToken cancellationToken) =>
        changes.ReadNewestAsync(request.Subject, request.Before, 100, cancellationToken);
}

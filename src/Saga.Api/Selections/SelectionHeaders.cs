using System.Globalization;
using Saga.Engine.Segmentation;

namespace Saga.Api.Selections;

/// <summary>Headers that go with a selection as bytes.</summary>
internal static class SelectionHeaders
{
    public static void Write(HttpResponse response, GaussianSelection selection)
    {
        response.Headers["X-Gaussian-Count"] = selection.GaussianCount.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-Selected-Count"] = selection.SelectedCount.ToString(CultureInfo.InvariantCulture);
    }
}
